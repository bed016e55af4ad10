"""Mistakes around the scores of leg function: each told in words, with nothing lost or let out."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from capture import clock
from capture.access import Role
from capture.cohorts.service import CohortEvidence, correct_cohort
from capture.export.request import ExportRequest
from capture.export.service import ExportKeys, export_to
from capture.ledger.verify import verify_study
from capture.participants import reads as people
from capture.participants.records import Visit
from capture.web.request_context import Services
from forms.values import Cell
from tests.support.builders import Visitor, make_user
from tests.support.datasets import SIGNING
from tests.support.leg_scores import items
from tests.support.legs import LEGS, OPERATION, RECOVERY, SITE, Legs, at, enrolled, leg_stage
from tests.support.page_reading import PageRead
from tests.support.trial import make_actor

CONSENT, SEEN, LATER = "2025-02-03", "2025-10-01", "2025-12-01"
LEFS = {"lefs_date": SEEN, "lefs_mode": "paper", "lefs_by": "self", **items("lefs", (20, "3"))}
NURSE, FAR = "nurse@site.example", "far@site.example"
SignIn = Callable[..., Visitor]


@pytest.fixture
def legs(services: Services) -> Legs:
    """Somebody with a muscle transferred, whose assessment is due; her nurse and one far away."""
    person = enrolled(leg_stage(services, CONSENT), CONSENT)
    with clock.running_at(at(CONSENT)):  # or what is sealed later would seem to be of today
        make_user(services, study=LEGS, sites=(SITE,))
        make_user(services, email=FAR, name="F. Far", study=LEGS, sites=("wexcombe",))
    person.save(CONSENT, "enrolment", "demography", {"birth_date": "1971-08-30", "sex": "female"})
    route = {"entry_route": "after", "serial_agreed": "no", "neuromuscular": "no"}
    person.save(CONSENT, "enrolment", "leg_state", {"leg_state_date": CONSENT, **route})
    person.save(SEEN, "operation", "surgery_record", OPERATION)
    person.save(SEEN, "operation", "recovery", RECOVERY)
    person.join(SEEN, "transfer")
    return person


def visit(legs: Legs) -> Visit:
    services = legs.stage.services
    with services.database.reading() as connection:
        assert verify_study(connection, services.concealment, LEGS).findings == []
        found = people.list_visits(connection, legs.person.id)
    return next(one for one in found if one.slug == "assessment")


def home(legs: Legs) -> str:
    return f"/studies/{LEGS}/participants/{legs.person.id}"


def post(nurse: Visitor, url: str, **changes: str | None) -> TestResponse:
    """Send the form as it stands with some answers changed; None for one that does not arrive."""
    form = next(one for one in PageRead(nurse.get(url).text, url).forms if "shown" in one.fields)
    sent: dict[str, object] = {**form.as_sent(), "act": "save"}
    sent |= {name: value for name, value in changes.items() if value is not None}
    return nurse.client.post(url, data=sent)


def day_of(item: str, day: str) -> dict[str, str]:
    """A date as the boxes of an item send it."""
    boxes = zip(("year", "month", "day"), day.split("-"), strict=True)
    return {f"{item}-{box}": part for box, part in boxes}


def test_29_of_30_answers_are_stored_and_the_last_is_named(legs: Legs, sign_in: SignIn) -> None:
    nurse = sign_in(NURSE)
    url = f"{home(legs)}/visits/{visit(legs).id}/tess"
    head = {"tess_mode": "paper", "tess_by": "self"}

    answer = post(nurse, url, **head, **day_of("tess_date", SEEN), **items("tess", (29, "4")))

    assert answer.status_code == 303
    page = nurse.get(url).text
    assert "still blank is “30. " in page
    stored = [legs.value("assessment", "tess", f"tess_{row}") for row in range(1, 31)]
    assert stored == ["4"] * 29 + [None]
    # 100 * (29 * 4 - 29) / (4 * 29) = 75
    assert legs.value("assessment", "tess", "tess_score") == "75"


def test_a_code_that_does_not_exist_is_refused_and_the_others_are_stored(
    legs: Legs, sign_in: SignIn
) -> None:
    nurse = sign_in(NURSE)
    url = f"{home(legs)}/visits/{visit(legs).id}/lefs"

    for code in ("5", "-1", "NA", "٤", "4.0", "0 or 1"):
        answer = post(nurse, url, **{**items("lefs", (20, "3")), "lefs_7": code})

        assert answer.status_code == 422, code
        assert "7. Lifting something from the floor" in answer.text
        stored = [legs.value("assessment", "lefs", f"lefs_{row}") for row in range(1, 21)]
        assert stored == ["3"] * 6 + [None] + ["3"] * 13


def test_a_cohort_changed_after_scores_keeps_them_and_tells_both(
    legs: Legs, sign_in: SignIn, tmp_path: Path
) -> None:
    legs.save(SEEN, "assessment", "lefs", LEFS)
    before = legs.entry("assessment", "lefs")
    legs.save(LATER, "operation", "surgery_record", {"functional_transfer": "no"}, "Misread")
    said = CohortEvidence("no_transfer", SEEN, "Operation note, read again")
    with clock.running_at(at(LATER)), legs.stage.acting(Role.NURSE, SITE) as tx:
        correct_cohort(tx, legs.stage.study, legs.person.id, said, reason="Another's note")

    assert legs.entry("assessment", "lefs") == before
    assert legs.value("assessment", "lefs", "lefs_score") == "60"  # 20 * 3
    assert visit(legs).status == "in_progress"
    history = sign_in(NURSE).get(f"{home(legs)}/history").text
    assert "Cohort: Functional muscle transfer → No muscle transfer" in history
    assert "Reason: Another&#39;s note" in history
    then, now = (_people(legs, tmp_path / day, day) for day in ("2025-11-30", LATER))
    assert [one["cohort"] for one in then] == ["transfer"]
    assert [one["cohort"] for one in now] == ["no_transfer"]
    scores = [_rows(tmp_path / day / "lefs.csv") for day in ("2025-11-30", LATER)]
    assert [[row["lefs_score"] for row in one] for one in scores] == [["60"], ["60"]]


def _people(legs: Legs, out: Path, as_of: str) -> list[dict[str, str]]:
    services = legs.stage.services
    keys = ExportKeys(services.database, services.concealment, SIGNING)
    manager = make_actor(Role.DATA_MANAGER, study=LEGS)
    export_to(keys, manager, ExportRequest(LEGS, formats="csv", as_of=as_of), out)
    return _rows(out / "participants.csv")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_surgery_moved_past_an_assessment_is_told_and_loses_nothing(
    legs: Legs, sign_in: SignIn
) -> None:
    legs.save(SEEN, "assessment", "lefs", LEFS)
    before, nurse = visit(legs), sign_in(NURSE)
    operation = f"{home(legs)}/visits/{_operation(legs)}/surgery_record"

    answer = post(
        nurse,
        operation,
        **day_of("surgery_date", "2025-11-03"),
        reason="Typing error",
    )

    after = visit(legs)
    assert answer.status_code == 303
    assert "Check the dates: Assessment stayed as entered" in nurse.get(operation).text
    assert (after.id, after.visit_date, after.flag) == (before.id, SEEN, "before_anchor")
    assert legs.value("assessment", "lefs", "lefs_score") == "60"
    assert legs.value("operation", "surgery_record", "surgery_date") == "2025-11-03"


def _operation(legs: Legs) -> str:
    with legs.stage.services.database.reading() as connection:
        found = people.list_visits(connection, legs.person.id)
    return next(one.id for one in found if one.slug == "operation")


def test_another_site_is_told_of_nothing(legs: Legs, sign_in: SignIn) -> None:
    legs.save(SEEN, "assessment", "lefs", LEFS)
    legs.save(LATER, "operation", "surgery_record", {"functional_transfer": "no"}, "Misread")
    far, person = sign_in(FAR), legs.person
    form = f"{home(legs)}/visits/{visit(legs).id}/lefs"

    found = [home(legs), f"{home(legs)}/history", f"{home(legs)}/cohort/correct", form]
    assert {far.get(path).status_code for path in found} == {404}
    sent = {"shown": "lefs_1", "lefs_1": "0", "version": "1", "act": "save"}
    assert far.post(form, sent).status_code == 404
    for path in ("/", f"/studies/{LEGS}/participants", f"/studies/{LEGS}/queries"):
        assert person.number not in far.get(path).text
    assert legs.cell("assessment", "lefs", "lefs_1") == Cell("3")
