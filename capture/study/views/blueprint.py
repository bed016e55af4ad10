"""The blueprint of the study pages, and what they all need to be rendered."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template

from capture.web.layout import PageError
from capture.web.page_data import TableColumn

bp = Blueprint("study", "capture.study", template_folder="templates")


def render_page(template: str, *, errors: Sequence[PageError] = (), **content: object) -> str:
    """Render one page of this feature; templates make their column heads with `columns`."""
    return render_template(
        f"study/{template}", errors=tuple(errors), columns=_make_columns, **content
    )


def _make_columns(*texts: str) -> list[TableColumn]:
    return [TableColumn(text) for text in texts]
