"""Pages about people: signing in, one's own account, a study's people, all accounts."""

from __future__ import annotations

from capture.accounts.views import members, own, people, sign_in
from capture.accounts.views.blueprint import bp

__all__ = ["bp", "members", "own", "people", "sign_in"]
