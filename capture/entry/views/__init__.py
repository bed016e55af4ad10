"""Pages of entries: a form, its drafts, the instances of a log, the open queries."""

from __future__ import annotations

from capture.entry.views import drafts, files, filling, logs, not_done, query_list
from capture.entry.views.blueprint import bp

__all__ = ["bp", "drafts", "files", "filling", "logs", "not_done", "query_list"]
