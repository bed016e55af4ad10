"""The blueprint of the pages of oversight, and their readers."""

from __future__ import annotations

from flask import Blueprint, render_template

from capture.oversight.audit_presenter import TrailReader
from capture.oversight.reads import TrailReading
from capture.study import reads as study_reads
from capture.web.page_data import TableColumn
from capture.web.perform import actor, reading

bp = Blueprint(
    "oversight", "capture.oversight", template_folder="templates", url_prefix="/studies/<study>"
)


def render(template: str, **content: object) -> str:
    """Draw one page of this feature."""
    return render_template(f"oversight/{template}", columns=columns, **content)


def get_trail_reading(study: str) -> TrailReading:
    """Return the signed-in person reading a study's trail. Raises NotFound."""
    return TrailReading(reading(), actor(), study_reads.get_definition_for(reading(), study))


def get_trail_reader(where: TrailReading) -> TrailReader:
    """Return the reader of the trail, with the names and time zones of the study's sites."""
    sites = study_reads.list_all_sites(where.connection, where.study.slug)
    return TrailReader(
        where.viewer,
        zones={site.slug: site.zone for site in sites},
        titles={site.slug: site.name for site in sites},
    )


def list_zones(where: TrailReading) -> dict[str, str]:
    """Return the time zone of each site of the study."""
    sites = study_reads.list_all_sites(where.connection, where.study.slug)
    return {site.slug: site.zone for site in sites}


def columns(*texts: str) -> list[TableColumn]:
    """Return the heads of a table."""
    return [TableColumn(text) for text in texts]
