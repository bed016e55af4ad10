"""Pages of joining: enrol, not enrolled, consent given and withdrawn."""

from __future__ import annotations

from flask import Response, request

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.participants import likeness, reads, service
from capture.participants.links import person_url
from capture.participants.rows import Participant
from capture.participants.service.enrolment import sexes
from capture.participants.views.blueprint import ActPage, bp, definition, do_act, require_person
from capture.participants.views.forms import (
    NOT_CHOSEN,
    ActForm,
    ConsentForm,
    EnrolForm,
    NotEnrolForm,
    WithdrawConsentForm,
    options,
)
from capture.study import reads as study_reads
from capture.web import Answer, reading, services


def sent() -> object:
    """What was posted; nothing while the form is only shown."""
    return request.form if request.method == "POST" else None


def today(person: Participant) -> object:
    """Today at the person's site."""
    return reads.today_at(reading(), person.study, person.site)
