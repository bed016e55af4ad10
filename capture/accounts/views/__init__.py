"""Pages about people: signing in, one's own account, a study's people, all accounts."""

from __future__ import annotations

from capture.accounts.views import locking, members, own, people, sign_in
from capture.accounts.views.blueprint import bp

__all__ = ["bp", "locking", "members", "own", "people", "sign_in"]
