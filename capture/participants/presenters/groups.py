"""Somebody's cohort and arms in words, for who may see them: the caller asks the Viewer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from capture.participants.event_kinds import COHORT, allocation
from forms.definition import Study


class GroupEvent(Protocol):
    """A dated event, as far as a cohort or an arm follows from it."""

    @property
    def kind(self) -> str: ...

    @property
    def value(self) -> str | None: ...


def cohort_title(study: Study, events: Iterable[GroupEvent]) -> str | None:
    """Return the recorded cohort in words; None before it is recorded."""
    titles = {cohort.name: cohort.title for cohort in study.cohorts}
    recorded = [event.value or "" for event in events if event.kind == COHORT]
    return titles.get(recorded[-1], recorded[-1]) if recorded else None


def arm_labels(study: Study, events: Iterable[GroupEvent]) -> str | None:
    """Return the arms somebody was allocated to, in words."""
    asked = {allocation(question.name): question for question in study.randomisations}
    allocated = [event for event in events if event.kind in asked and event.value]
    labels = (asked[event.kind].arm(event.value or "").label for event in allocated)
    return ", ".join(labels) or None
