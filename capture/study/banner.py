"""The line over every page of a study in test: nobody in it is real."""

from __future__ import annotations

import sqlalchemy as sa

from capture.problems import NotFound
from capture.study import reads
from capture.web.layout import Banner, BannerKind

WORDS = "Test study: not for real participants"


def study_banner(connection: sa.Connection, study: str) -> Banner | None:
    """The watermark of a study; None when it is live or not published."""
    try:
        state = reads.get_state(connection, study)
    except NotFound:
        return None
    return Banner(BannerKind.TEST, WORDS) if state == reads.TEST else None
