"""The entry for any WSGI server."""

from __future__ import annotations

from capture.application import create_app_or_exit

app = create_app_or_exit()
