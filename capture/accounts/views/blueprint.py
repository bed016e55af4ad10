"""The blueprint that the pages about people hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", "capture.accounts", template_folder="templates")
