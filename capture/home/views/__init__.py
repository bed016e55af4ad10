"""The home page and the dashboard of a study."""

from __future__ import annotations

from capture.home.views import dashboard, index
from capture.home.views.blueprint import bp

__all__ = ["bp", "dashboard", "index"]
