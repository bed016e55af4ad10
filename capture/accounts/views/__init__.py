"""Pages about people: signing in, the own account, a study's people, the installation's accounts."""

from __future__ import annotations

from capture.accounts.views import members, own, people, sign_in
from capture.accounts.views.blueprint import bp

__all__ = ["bp", "members", "own", "people", "sign_in"]
