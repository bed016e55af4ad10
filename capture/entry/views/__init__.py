"""Pages of entries: a form, its drafts, the instances of a log, the open queries."""

from __future__ import annotations

from capture.entry.views import drafts, edit, files, logs, not_done, query_list
from capture.entry.views.blueprint import bp

__all__ = ["bp", "drafts", "edit", "files", "logs", "not_done", "query_list"]
