"""The blueprint of home and of the dashboards."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("home", "capture.home", template_folder="templates")
