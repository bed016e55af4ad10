"""The entry for any WSGI server."""

from __future__ import annotations

from capture import create_app

app = create_app()
