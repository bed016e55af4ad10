"""The blueprint of the cohort pages."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint(
    "cohorts",
    "capture.cohorts",
    template_folder="templates",
    url_prefix="/studies/<study>/participants/<pid>/cohort",
)
