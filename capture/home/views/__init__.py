"""The home page, the search by number, the dashboard of a study."""

from __future__ import annotations

from capture.home.views import dashboard, finding, index
from capture.home.views.blueprint import bp

__all__ = ["bp", "dashboard", "finding", "index"]
