"""The blueprint that the pages of studies hang on, and what they all need to be drawn."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template

from capture.web.layout import PageError
from capture.web.page_data import TableColumn

bp = Blueprint("study", "capture.study", template_folder="templates")


def page(template: str, *, errors: Sequence[PageError] = (), **content: object) -> str:
    """Draw one page of this feature; templates make their column heads with `columns`."""
    return render_template(f"study/{template}", errors=tuple(errors), columns=_columns, **content)


def _columns(*texts: str) -> list[TableColumn]:
    return [TableColumn(text) for text in texts]
