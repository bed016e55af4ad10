"""The blueprint of participants' pages, and the sites where somebody may do something."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, render_template

from capture.access import Action
from capture.study import reads as study_reads
from capture.web.perform import actor

bp = Blueprint(
    "participants",
    "capture.participants",
    template_folder="templates",
    url_prefix="/studies/<study>/participants",
)


def render(template: str, **content: object) -> str:
    """Draw one page of this feature."""
    return render_template(f"participants/{template}", **content)


def list_sites_with(
    connection: sa.Connection, study: str, action: Action
) -> list[study_reads.Site]:
    """Return the sites where the actor may do something."""
    mine = study_reads.list_sites(connection, actor(), study)
    return [site for site in mine if actor().may(action, study, site.slug)]


def list_site_options(
    connection: sa.Connection, study: str, action: Action
) -> list[tuple[str, str]]:
    """Return the sites where the actor may do something, as slugs and names to choose from."""
    return [(site.slug, site.name) for site in list_sites_with(connection, study, action)]
