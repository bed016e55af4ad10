"""The blueprint of the pages of entries."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("entry", "capture.entry", template_folder="templates")

FORM = "/studies/<study>/participants/<pid>/visits/<visit>/<instrument>"
"""The address of a form; the visit is its id, or `log`; `?instance=` tells repeated ones apart."""
