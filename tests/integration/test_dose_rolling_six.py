"""Rolling six in the program: the committee is asked as soon as three have no DLT."""

from __future__ import annotations

import pytest

from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.problems import Refused
from randomiser.dose_finding import Act
from tests.support.dosing import make_dosing

ROLLING_SIX = "    method: rolling_six\n"
REGISTERED = ("2026-03-02", "2026-03-09", "2026-03-10")
WATCHED = "2026-03-31"


def test_the_committee_is_asked_before_a_fourth_is_registered(
    database: Database, concealment: Concealment
) -> None:
    dosing = make_dosing(database, concealment, method=ROLLING_SIX)
    people = [dosing.on(day).registered() for day in REGISTERED]
    assert dosing.on(REGISTERED[-1]).standing.places == 3

    for person in people:
        dosing.on(WATCHED).judge(person, "no_dlt", note="")

    now = dosing.on(WATCHED).standing
    assert now.recommendation.act is Act.ESCALATE
    assert (now.places, now.is_due) == (0, True)
    with pytest.raises(Refused, match="the committee has to decide"):
        dosing.on(WATCHED).registered()


def test_a_committee_that_stays_is_not_asked_again_before_its_people_are_judged(
    database: Database, concealment: Concealment
) -> None:
    dosing = make_dosing(database, concealment, method=ROLLING_SIX)
    people = [dosing.on(day).registered() for day in REGISTERED]
    for person in people:
        dosing.on(WATCHED).judge(person, "no_dlt", note="")

    dosing.on(WATCHED).decide("open", "1", "Three more first")

    now = dosing.on(WATCHED).standing
    assert (now.level, now.places, now.is_due) == ("1", 3, False)
