"""The page of a dose-finding part: levels, recommendation, decisions, participants."""

from __future__ import annotations

from flask import Response, make_response, redirect, url_for

from capture import clock
from capture.access import Action, allow
from capture.dose_finding import reads
from capture.dose_finding.reads import Decision, Slot
from capture.dose_finding.views.blueprint import (
    CHOICES,
    STUDY,
    Part,
    bp,
    name_of,
    open_part,
    outcome_words,
    page,
    refuse_without,
)
from capture.participants.presenters.links import dose_url
from capture.participants.records import Participant
from capture.study import reads as studies
from capture.visibility import get_viewer
from capture.web.page_data import SummaryRow
from capture.web.perform import actor, reading
from randomiser.dose_finding import Choice


@bp.get(STUDY)
@allow(Action.DOSE_VIEW)
def index(study: str) -> Response:
    """List the parts of the study; lead on to the part where there is only one."""
    known = studies.get_definition_for(reading(), study)
    refuse_without(known)
    get_viewer(actor(), known).require_levels()
    if len(known.dose_finding) == 1:
        only = known.dose_finding[0].name
        return make_response(redirect(url_for(".show_part", study=study, name=only), 303))
    return make_response(page("index.html", study=known))


@bp.get(f"{STUDY}/<name>")
@allow(Action.DOSE_VIEW)
def show_part(study: str, name: str) -> Response:
    """Show levels with counts, the recommendation with reasons, decisions and participants."""
    part = open_part(study, name)
    return make_response(
        page(
            "part.html",
            part=part,
            levels=level_rows(part),
            advice=advice_rows(part),
            decisions=[_decision_row(each) for each in reversed(part.standing.decisions)],
            slots=slot_rows(part),
            may_decide=part.may(Action.DOSE_DECIDE),
        )
    )


def level_rows(part: Part) -> list[tuple[object, ...]]:
    """Return a row for each level, the highest first: counts and status."""
    standing = part.standing
    has_second = part.definition.second_condition is not None
    rows: list[tuple[object, ...]] = []
    for index, level in enumerate(standing.state.levels):
        counted = [level.evaluable, level.dlts, level.pending, level.replaced]
        if has_second:
            counted.insert(2, level.met)
        name = standing.design.levels[index]
        rows.append((part.dose(name), *counted, _describe_standing(part, index)))
    return rows[::-1]


def _describe_standing(part: Part, index: int) -> str:
    standing = part.standing
    closed, last = standing.recommendation.closed, standing.last
    is_named = standing.is_over and last is not None and last.choice == Choice.MTD
    if is_named and index == standing.current:
        return "Recommended dose"
    if closed is not None and index >= closed:
        return "Closed as too toxic"
    if index != standing.current or standing.is_over:
        return ""
    places = standing.places
    if not places:
        return "Open, no place free"
    return f"Open, {places} place{'s' if places > 1 else ''} free"


def advice_rows(part: Part) -> list[SummaryRow]:
    """Return the recommendation, the reasons for it and the numbers that it is based on."""
    advised = part.standing.recommendation
    return [
        SummaryRow("Recommended now", part.advice),
        SummaryRow("Why", advised.reason),
        *(SummaryRow(name[0].upper() + name[1:], words) for name, words in advised.numbers),
    ]


def _decision_row(made: Decision) -> tuple[str, ...]:
    choice = CHOICES[Choice(made.choice)]
    words = choice if made.level is None else f"{choice}: level {made.level}"
    advised = str(made.advised.get("act", "")).replace("_", " ")
    signed = f"{name_of(made.by)}, {clock.day_words(made.at[:10])}"
    return str(made.number), words, advised, made.reason, signed, made.reopened_reason or ""


def slot_rows(part: Part) -> list[dict[str, object]]:
    """Return the participants at the user's sites, also those who are not evaluable."""
    found = reads.list_slots_with_people(reading(), get_viewer(actor(), part.study), part.name)
    return [_slot_row(part, slot, person) for slot, person in found]


def _slot_row(part: Part, slot: Slot, person: Participant) -> dict[str, object]:
    may_open = part.may(Action.PARTICIPANT_VIEW, person.site)
    return {
        "number": person.number,
        "url": dose_url(person, part.name) if may_open else None,
        "cells": (
            str(slot.number),
            slot.level,
            clock.day_words(slot.local_date),
            outcome_words(slot),
            clock.day_words(slot.outcome_date) if slot.outcome_date else "",
            slot.note or "",
        ),
    }
