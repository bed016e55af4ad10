"""The blueprint of these pages, and the address of those about one participant."""

from __future__ import annotations

from flask import Blueprint, render_template

bp = Blueprint(
    "corrections", "capture.corrections", template_folder="templates", url_prefix="/studies/<study>"
)
PERSON = "/participants/<pid>/put-right"


def render(template: str, **content: object) -> str:
    """Draw one page of this feature."""
    return render_template(f"corrections/{template}", **content)
