"""The blueprint that the pages of oversight hang on, and who reads them."""

from __future__ import annotations

from flask import Blueprint, render_template

from capture.oversight.reads import Reading
from capture.oversight.trail import TrailReader
from capture.parts import Column
from capture.study import reads as study_reads
from capture.web import actor, reading

bp = Blueprint(
    "oversight", "capture.oversight", template_folder="templates", url_prefix="/studies/<study>"
)


def render(template: str, **content: object) -> str:
    """Draw one page of this feature."""
    return render_template(f"oversight/{template}", columns=columns, **content)


def reading_of(study: str) -> Reading:
    """The signed-in person reading a study's trail. Raises NotFound."""
    return Reading(reading(), actor(), study_reads.definition_for(reading(), study))


def reader_of(where: Reading) -> TrailReader:
    """The same person with the words of the study and of its sites."""
    sites = study_reads.all_sites(where.connection, where.study.slug)
    return TrailReader(
        where.viewer,
        zones={site.slug: site.zone for site in sites},
        titles={site.slug: site.name for site in sites},
    )


def zones_of(where: Reading) -> dict[str, str]:
    """The time zone of each site of the study."""
    sites = study_reads.all_sites(where.connection, where.study.slug)
    return {site.slug: site.zone for site in sites}


def columns(*texts: str) -> list[Column]:
    """The heads of a table."""
    return [Column(text) for text in texts]
