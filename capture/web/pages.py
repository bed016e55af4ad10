"""The few pages that belong to no feature: help, and whether the program answers."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, make_response, render_template

from capture.access import PUBLIC, allow
from capture.ledger.service import SOFTWARE
from capture.web.perform import services

bp = Blueprint("pages", __name__)


@bp.get("/help")
@allow(PUBLIC)
def help_page() -> str:
    return render_template("help.html")


@bp.get("/healthz")
@allow(PUBLIC)
def healthz() -> Response:
    """200 when the database answers, for whoever watches over the installation."""
    answers = services().database.answers()
    words = {"status": "ok" if answers else "the database does not answer", "version": SOFTWARE}
    return make_response(jsonify(words), 200 if answers else 503)
