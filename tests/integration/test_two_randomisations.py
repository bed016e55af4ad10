"""One person in two randomisations: each has a gate, a consent, strata, lists and a proof."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from capture import clock
from capture.access import Role
from capture.accounts import reads as accounts
from capture.accounts.service import NewMembership
from capture.db import Database
from capture.export.request import ExportRequest
from capture.export.service import export_to
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.participants import reads as participants
from capture.participants.records import Participant
from capture.problems import Refused
from capture.randomisation.allocation.service import eligibility
from capture.randomisation.allocation.service.gate import get_readiness
from capture.randomisation.designs.service.proof import make_proof_bundle
from capture.randomisation.reads import AllocationRow
from capture.web.request_context import Services
from randomiser import verify
from tests.support import two_randomisations
from tests.support.builders import PASSWORD, Visitor, make_membership, make_user
from tests.support.datasets import make_keys
from tests.support.randomising import definition
from tests.support.randomising_pages import boxes, hidden
from tests.support.trial import Trial, make_actor
from tests.support.two_randomisations import FIRST, SECOND, TWOFOLD

TIMING = {"PRE": "before", "POST": "after"}


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    made = Trial(database, concealment)
    two_randomisations.publish(made)
    return made


def through_both(trial: Trial) -> tuple[Participant, AllocationRow, AllocationRow]:
    person = two_randomisations.enrolled(trial)
    first = two_randomisations.draw(trial, person, FIRST)
    two_randomisations.responded(trial, person)
    two_randomisations.consent(trial, person, "more")
    return person, first, two_randomisations.draw(trial, person, SECOND)


def test_the_arm_of_the_first_is_the_stratum_of_the_second(trial: Trial) -> None:
    drawn = [through_both(trial) for _ in range(4)]

    for _person, first, second in drawn:
        assert second.levels == {"radiotherapy": TIMING[first.arm.partition("_")[0]]}
    assert [first.number for _, first, _ in drawn] == [1, 2, 3, 4]
    assert [second.number for _, _, second in drawn] == [1, 2, 3, 4]
    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, TWOFOLD).findings == []
        for name in (FIRST, SECOND):
            bundle = make_proof_bundle(
                connection, trial.concealment, TWOFOLD, name, knows_list=True
            )
            checked = json.loads(bundle)
            assert verify.check(checked).problems == []
            assert len(checked["events"]) == 4


def test_each_has_its_own_consent_gate_and_order(trial: Trial) -> None:
    person = two_randomisations.enrolled(trial)
    with pytest.raises(Refused, match="Radiotherapy"):
        two_randomisations.draw(trial, person, SECOND)
    two_randomisations.draw(trial, person, FIRST)
    with pytest.raises(Refused, match="The tumour has not grown"):
        two_randomisations.draw(trial, person, SECOND)
    two_randomisations.responded(trial, person)
    with pytest.raises(Refused, match="Consent is not in force"):
        two_randomisations.draw(trial, person, SECOND)
    two_randomisations.consent(trial, person, "more")

    assert two_randomisations.draw(trial, person, SECOND).number == 1


def test_visits_hang_on_the_randomisation_and_product_arm_they_name(trial: Trial) -> None:
    person, first, _second = through_both(trial)

    with trial.database.reading() as connection:
        planned = {one.slug for one in participants.list_visits(connection, person.id)}

    assert {"after_radiotherapy", "on_maintenance"} <= planned
    assert ("early_scan" in planned) == first.arm.startswith("PRE")


def test_one_without_a_design_does_not_stop_the_other(
    database: Database, concealment: Concealment
) -> None:
    trial = Trial(database, concealment)
    two_randomisations.publish(trial, names=(FIRST,))
    person = two_randomisations.enrolled(trial)
    two_randomisations.draw(trial, person, FIRST)
    two_randomisations.responded(trial, person)
    two_randomisations.consent(trial, person, "more")

    with pytest.raises(Refused, match="no design is in force"):
        two_randomisations.draw(trial, person, SECOND)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "participants.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_datasets_have_a_column_for_each_question(trial: Trial, tmp_path: Path) -> None:
    _person, first, second = through_both(trial)
    seeing = make_actor(Role.UNBLINDED, study=TWOFOLD)
    blind = make_actor(Role.STATISTICIAN, study=TWOFOLD)
    for actor, name in ((seeing, "seeing"), (blind, "blind")):
        with clock.running_at(trial.moment):
            export_to(make_keys(trial), actor, ExportRequest(TWOFOLD, "csv"), tmp_path / name)

    found = {row["randomisation"]: row for row in rows(tmp_path / "seeing")}
    timing, dose = first.arm.split("_")
    labels = {"PRE": "Before surgery", "POST": "After surgery", "LOW": "41.4 Gy", "HIGH": "50.4 Gy"}
    assert found[FIRST]["arm"] == first.arm
    assert (found[FIRST]["arm_timing"], found[FIRST]["arm_dose"]) == (timing, dose)
    assert found[FIRST]["arm_timing_lbl"] == labels[timing]
    assert found[FIRST]["arm_dose_lbl"] == labels[dose]
    assert found[SECOND]["arm"] == second.arm
    assert (found[SECOND]["arm_timing"], found[SECOND]["arm_dose"]) == ("", "")
    told = [name for row in rows(tmp_path / "blind") for name in row if row[name]]
    assert not any(name.startswith(("arm", "stratum_radiotherapy")) for name in told)
    assert not any(timing in row.values() for row in rows(tmp_path / "blind"))


@pytest.fixture
def visitors(services: Services, sign_in: Callable[..., Visitor]) -> dict[Role, Visitor]:
    found = {}
    for role in (Role.NURSE, Role.DATA_MANAGER, Role.INVESTIGATOR):
        email = f"{role.value.replace('_', '-')}@twofold.example"
        make_user(services, email=email, name=role.label, role=role, study=TWOFOLD)
        found[role] = sign_in(email)
    return found


def test_pages_show_both_answers_and_the_arm_of_each_question(
    services: Services, visitors: dict[Role, Visitor]
) -> None:
    trial = Trial(services.database, services.concealment)
    two_randomisations.publish(trial)
    person, first, second = through_both(trial)
    nurse = visitors[Role.NURSE]
    base = f"/studies/{TWOFOLD}/participants/{person.id}"

    answer = nurse.get(f"{base}/randomise/{FIRST}/result").text
    later = nurse.get(f"{base}/randomise/{SECOND}/result").text
    overview = nurse.get(base).text

    label = "Before surgery; " if first.arm.startswith("PRE") else "After surgery; "
    assert label in answer
    for words in ("Time of radiotherapy", "Dose of radiotherapy", first.arm):
        assert words in answer
    assert {"GO_ON": "Maintenance", "STOP": "No maintenance"}[second.arm] in later
    assert "When and how much radiotherapy" in overview
    assert "Maintenance or none" in overview


def test_the_one_page_asks_for_the_consent_of_its_own_randomisation(
    services: Services, visitors: dict[Role, Visitor]
) -> None:
    trial = Trial(services.database, services.concealment, datetime.now(UTC))
    two_randomisations.publish(trial)
    person = two_randomisations.enrolled(trial)
    two_randomisations.draw(trial, person, FIRST)
    two_randomisations.responded(trial, person)
    nurse = visitors[Role.NURSE]
    way = f"/studies/{TWOFOLD}/participants/{person.id}/randomise/{SECOND}"
    today = clock.today("Europe/London").isoformat()

    asked = nurse.get(way)
    typed = {
        "consent-more-version": "1",
        **boxes("consent-more-consent_date", today),
        "consent-more-taken_by": "A. Cole",
        "confirm-doctor": two_randomisations.DOCTOR,
        **boxes("confirm-date", today),
        "confirm-where_documented": "clinic letter",
    }
    checked = nurse.post(way, {**hidden(asked), **typed}, follow_redirects=True)
    with services.database.reading() as connection:
        plain = get_readiness(
            connection, definition(trial, TWOFOLD), person.id, SECOND
        ).content_hash
    done = nurse.post(
        f"{way}/check", {**hidden(checked), "password": PASSWORD}, follow_redirects=True
    )

    assert "consent-main-version" not in asked.text
    # Somebody masked could try out the arm of the first on a plain hash.
    assert hidden(checked)["seen"]
    assert plain not in checked.text
    assert done.request.path == f"{way}/result", done.text
    assert "Radiotherapy" in done.text


def test_the_check_names_the_consent_that_its_own_draw_rests_on(
    services: Services, visitors: dict[Role, Visitor]
) -> None:
    trial = Trial(services.database, services.concealment, datetime.now(UTC))
    two_randomisations.publish(trial)
    person = two_randomisations.enrolled(trial)
    two_randomisations.consent(trial, person, "more")
    with trial.acting(two_randomisations.NURSE) as tx:
        said = eligibility.ConfirmationResult(
            two_randomisations.DOCTOR, trial.today, "clinic letter"
        )
        study = definition(trial, TWOFOLD)
        eligibility.confirm_eligibility(tx, study, 1, person.id, FIRST, said=said)

    way = f"/studies/{TWOFOLD}/participants/{person.id}/randomise/{FIRST}"
    page = visitors[Role.NURSE].get(f"{way}/check").text
    assert "Consent: Taking part" in page
    assert "Consent: Maintenance" not in page


def test_the_stratum_that_tells_an_arm_is_shown_to_nobody_masked(
    services: Services, sign_in: Callable[..., Visitor]
) -> None:
    trial = Trial(services.database, services.concealment)
    two_randomisations.publish(trial)
    person, _first, _second = through_both(trial)
    make_user(services, email="dm@twofold.example", name="Dora", role=None)
    with services.database.reading() as connection:
        user = accounts.find_account_by_email(connection, "dm@twofold.example")
    assert user is not None
    new = NewMembership(user.id, Role.DATA_MANAGER, None, "2020-01-01", masked=True)
    make_membership(services, new=new, study=TWOFOLD)
    masked = sign_in("dm@twofold.example")
    base = f"/studies/{TWOFOLD}/participants/{person.id}"

    shown = {path: masked.get(path) for path in (
        f"{base}/randomise/{SECOND}/result",
        f"{base}/randomise/{SECOND}/in-error",
        f"{base}/history",
        f"/studies/{TWOFOLD}/audit",
        base,
    )}  # fmt: skip

    for path, page in shown.items():
        assert page.status_code == 200, path
        words = re.sub(r"<[^>]+>", " ", page.text)
        telling = r"radiotherapy: (before|after)|Radiotherapy\s+(Before|After)\s|\b(PRE|POST)_"
        assert re.search(telling, words) is None, path
    assert "country: gb" in shown[f"/studies/{TWOFOLD}/audit"].text
