"""The draw: what must hold before it, what it stores, and that nothing gives two answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import orjson
import pytest
import sqlalchemy as sa

from capture.access import Role
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.reads import list_ledger_rows
from capture.ledger.tables import ledger, ledger_body
from capture.ledger.verify import verify_study
from capture.participants import reads as participants
from capture.participants import service
from capture.participants.records import Participant
from capture.problems import InvalidInput, NotAllowed, NotFound, Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service import eligibility
from capture.randomisation.allocation.service.allocate import randomise
from capture.randomisation.tables import confirmation
from capture.study import service as study_service
from forms.evaluation_scope import Place
from tests.support import two_randomisations as twofold
from tests.support.randomising import (
    DOCTOR,
    DURATION,
    INVESTIGATOR,
    MANAGER,
    UNBLINDED,
    activate,
    blocks_of_four,
    confirm,
    definition,
    draw,
    fill_in,
    ready,
    save,
)
from tests.support.trial import GIST, Trial, make_actor, make_trial


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    return blocks_of_four(database, concealment)


def findings(trial: Trial) -> list[str]:
    with trial.database.reading() as connection:
        return verify_study(connection, trial.concealment, GIST).findings


def test_a_draw_stores_number_levels_and_the_values_used(trial: Trial) -> None:
    done = draw(trial, ready(trial))
    used = {one["criterion"]: one for one in done.gate}

    assert (done.number, done.design_version, done.local_date) == (1, 1, "2026-03-02")
    assert done.levels == {"tumour_site": "gastric", "rupture": "intact", "country": "gb"}
    assert {one["result"] for one in done.gate} == {"met"}
    assert used["imatinib_months_35_38"]["values"] == [
        "Completed months of imatinib: 35",
        "First dose: 15 March 2023",
    ]
    assert used["fit"]["sources"][0]["version"] == 1
    assert findings(trial) == []


def test_visits_hang_on_the_allocation_and_on_its_arm(trial: Trial) -> None:
    people = [ready(trial) for _ in range(4)]
    arms = {person.id: draw(trial, person).arm for person in people}
    with trial.database.reading() as connection:
        slugs = {p.id: {v.slug for v in participants.list_visits(connection, p.id)} for p in people}

    assert Counter(arms.values()) == {"IM36": 2, "IM60": 2}
    for person, found in slugs.items():
        assert {"imaging", "followup"} <= found
        assert ("drug" in found) == (arms[person] == "IM60")


def test_every_block_of_every_stratum_is_balanced(trial: Trial) -> None:
    drawn = Counter(
        (site, draw(trial, ready(trial, {"gist_site": site})).arm)
        for _ in range(4)
        for site in ("stomach", "rectum")
    )

    assert drawn == {
        ("stomach", "IM36"): 2,
        ("stomach", "IM60"): 2,
        ("rectum", "IM36"): 2,
        ("rectum", "IM60"): 2,
    }
    assert findings(trial) == []


def test_whoever_is_randomised_keeps_that_answer(trial: Trial) -> None:
    person = ready(trial)

    first, again = draw(trial, person), draw(trial, person, INVESTIGATOR)

    assert first == again
    with trial.database.reading() as connection:
        assert len(reads.list_allocations(connection, GIST, DURATION)) == 1


def test_two_tabs_at_once_draw_once(trial: Trial) -> None:
    person = ready(trial)
    with ThreadPoolExecutor(max_workers=4) as pool:
        answers = list(pool.map(lambda _: draw(trial, person), range(4)))

    assert all(answer == answers[0] for answer in answers)
    assert findings(trial) == []


def test_two_people_at_once_get_two_numbers(trial: Trial) -> None:
    people = [ready(trial) for _ in range(6)]
    with ThreadPoolExecutor(max_workers=6) as pool:
        numbers = [done.number for done in pool.map(lambda one: draw(trial, one), people)]

    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
    assert findings(trial) == []


def not_confirmed(trial: Trial) -> Participant:
    person = trial.enrolled()
    fill_in(trial, person)
    return person


def test_without_a_doctors_confirmation_nobody_is_randomised(trial: Trial) -> None:
    with pytest.raises(
        Refused, match="Record the investigator's confirmation of eligibility first"
    ):
        draw(trial, not_confirmed(trial))


def withdraw_consent(trial: Trial, person: Participant) -> None:
    with trial.acting() as tx:
        service.withdraw_consent(
            tx, GIST, person.id, scope="main", date=trial.today, told_to="A. Cole"
        )


def die(trial: Trial, person: Participant) -> None:
    with trial.acting() as tx:
        service.die(tx, GIST, person.id, date=trial.today)


def lose(trial: Trial, person: Participant) -> None:
    with trial.acting() as tx:
        service.lose(tx, GIST, person.id, date=trial.today, reason="Three letters unanswered")


def close_site(trial: Trial, person: Participant) -> None:
    with trial.acting(MANAGER) as tx:
        study_service.close_site(tx, GIST, person.site, date(2026, 3, 2), "No staff")


def forget_rupture(trial: Trial, person: Participant) -> None:
    save(trial, person, "gist_history", {"gist_rupture": "nk"}, reason="Report lost")


def fall_ill(trial: Trial, person: Participant) -> None:
    save(trial, person, "performance_status", {"ecog": "3"}, reason="Typing error")


@pytest.mark.parametrize(
    "what, words",
    [
        (withdraw_consent, "Consent is not in force"),
        (die, "has died"),
        (lose, "is lost to follow-up"),
        (close_site, "site is not open today"),
        (forget_rupture, "Not known yet: Rupture .fill in “Tumour rupture"),
        (fall_ill, "Not eligible. Not met: ECOG performance status is 0, 1 or 2"),
    ],
)
def test_what_has_changed_since_the_confirmation_refuses_by_name(
    trial: Trial, what: Callable[[Trial, Participant], None], words: str
) -> None:
    person = ready(trial)
    later = Trial(trial.database, trial.concealment, trial.moment + timedelta(minutes=1))
    what(later, person)

    with pytest.raises(Refused, match=words):
        draw(later, person)
    with trial.database.reading() as connection:
        assert reads.list_allocations(connection, GIST, DURATION) == []


def test_a_blank_criterion_is_unknown_and_never_passes(trial: Trial) -> None:
    person = trial.enrolled()
    fill_in(trial, person, but=("pregnancy",))

    with pytest.raises(Refused, match=r"Not known yet: Not pregnant .*“Pregnancy” in Pregnancy"):
        confirm(trial, person)


def test_the_month_after_38_months_is_too_late(trial: Trial) -> None:
    """35 to 38 completed months from 15 March 2023: the last day is 14 June 2026."""
    person = trial.enrolled()
    late = dict.fromkeys(("haem_date", "bioc_date", "img_date"), "2026-06-12")
    on_last_day, day_after = trial.on("2026-06-14"), trial.on("2026-06-15")
    fill_in(on_last_day, person, late)

    confirm(on_last_day, person)
    with pytest.raises(Refused, match="35 to 38 completed months of imatinib"):
        draw(day_after, person)
    assert draw(on_last_day, person).number == 1


@pytest.mark.parametrize(
    "said, field",
    [
        (eligibility.ConfirmationResult("Dr Nobody", "2026-03-02", "letter"), "doctor"),
        (eligibility.ConfirmationResult(DOCTOR, "2019-12-31", "letter"), "doctor"),
        (eligibility.ConfirmationResult(DOCTOR, "2026-03-03", "letter"), "date"),
        (eligibility.ConfirmationResult(DOCTOR, "2026-03-02", "  "), "where_documented"),
        (eligibility.ConfirmationResult(DOCTOR, "2026-03-02", "x" * 501), "where_documented"),
    ],
)
def test_a_confirmation_names_what_is_wrong_with_it(
    trial: Trial, said: eligibility.ConfirmationResult, field: str
) -> None:
    person = not_confirmed(trial)

    with pytest.raises(InvalidInput) as caught, trial.acting() as tx:
        eligibility.confirm_eligibility(tx, definition(trial), 1, person.id, DURATION, said=said)
    assert caught.value.field == field


@pytest.mark.parametrize("item", ["gist_mitoses", "gist_site"])
def test_a_changed_value_voids_the_confirmation(trial: Trial, item: str) -> None:
    """Mitoses stand only behind the computed risk, and count as well."""
    person = ready(trial)
    changed = {"gist_mitoses": 40, "gist_site": "rectum"}
    save(trial, person, "gist_history", {item: changed[item]}, reason="Typing error")

    with trial.database.reading() as connection:
        why = connection.execute(sa.select(confirmation.c.void_reason)).scalar_one()
        in_force = reads.find_confirmation_in_force(connection, GIST, person.id, DURATION)
    assert (why, in_force) == ("a value it was given for has changed", None)
    assert findings(trial) == []


def test_a_value_that_no_criterion_reads_voids_nothing(trial: Trial) -> None:
    person = ready(trial)
    save(trial, person, "gist_history", {"gist_surgery_date": "2023-02-02"}, reason="Typing error")

    assert draw(trial, person).number == 1


SEX_FOR_COUNTRY = (
    b"{factor: country, label: Country, from: site.country}",
    b"{factor: sex, label: Sex, from: '[start][tw_sex]', levels: {f: [female], m: [male]}}",
)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_changed_stratum_that_no_criterion_reads_voids_the_confirmation(
    database: Database, concealment: Concealment
) -> None:
    trial = Trial(database, concealment)
    twofold.publish(trial, names=(twofold.FIRST,), change=SEX_FOR_COUNTRY)
    person, study = twofold.enrolled(trial), definition(trial, twofold.TWOFOLD)
    with trial.acting(twofold.NURSE) as tx:
        said = eligibility.ConfirmationResult(DOCTOR, trial.today, "letter in the notes")
        eligibility.confirm_eligibility(tx, study, 1, person.id, twofold.FIRST, said=said)
    place = Place("start", 1, "basics")
    twofold.save(trial, person, place, {"tw_sex": "male"}, reason="Typing error")

    with (
        pytest.raises(Refused, match="Record the investigator's confirmation of eligibility"),
        trial.acting(twofold.NURSE) as tx,
    ):
        randomise(tx, study, 1, person.id, twofold.FIRST)


def test_only_staff_of_the_site_draw(trial: Trial) -> None:
    person = ready(trial)

    with pytest.raises(NotAllowed):
        draw(trial, person, MANAGER)
    with pytest.raises(NotAllowed):
        draw(trial, person, UNBLINDED)
    with pytest.raises(NotFound):
        draw(trial, person, make_actor(Role.NURSE, "fjordvik"))


def test_position_and_integers_lie_encrypted_in_the_ledger(trial: Trial) -> None:
    person = ready(trial)
    draw(trial, person)
    with trial.database.reading() as connection:
        text = connection.execute(
            sa.select(ledger_body.c.body)
            .join(ledger, ledger.c.id == ledger_body.c.ledger_id)
            .where(ledger.c.action == "randomisation.allocate")
        ).scalar_one()
        opened = list(
            list_ledger_rows(connection, trial.concealment, GIST, subject=person.subject)
        )[-3:]
    body = orjson.loads(text)

    for item in ("list_position", "block", "integers"):
        assert body[item][2].startswith("concealed:")
    assert [fact.new("list_position") for fact in opened if fact.new("list_position")] == [1]


def test_the_design_is_nowhere_in_the_clear(database: Database, concealment: Concealment) -> None:
    trial = make_trial(database, concealment)
    activate(trial, design={"sizes": [86, 98]})
    with trial.database.reading() as connection:
        bodies = connection.execute(
            sa.select(ledger_body.c.body)
            .join(ledger, ledger.c.id == ledger_body.c.ledger_id)
            .where(ledger.c.subject == f"randomisation/{DURATION}")
        ).scalars()
        text = " ".join(bodies)

    assert '"sizes"' not in text
    assert "[86,98]" not in text


def test_a_new_design_version_starts_its_own_lists(trial: Trial) -> None:
    draw(trial, ready(trial))
    activate(trial, design={"sizes": [6]})

    done = draw(trial, ready(trial))

    assert (done.number, done.design_version) == (2, 2)
    with trial.database.reading() as connection:
        states = [one.state for one in reads.list_design_versions(connection, GIST, DURATION)]
        used = reads.list_use(connection, GIST, DURATION)
    assert states == ["superseded", "active"]
    assert [count for _list, count in used] == [1, 1]
    assert findings(trial) == []
