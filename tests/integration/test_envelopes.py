"""Envelopes: printed by one person, opened without network, recorded, reconciled, destroyed."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from capture.access import Actor, Role
from capture.config import Config
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.tables import ledger, ledger_body
from capture.ledger.verify import verify_study
from capture.participants.records import Participant
from capture.problems import InvalidInput, NotFound, Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.receipts import make_place_tag
from capture.randomisation.designs.service.proof import make_proof_bundle
from capture.randomisation.recovery.service import envelopes as service
from capture.randomisation.recovery.service.envelope_opening import open_envelope
from capture.randomisation.recovery.service.halt import RECEIPTS
from capture.randomisation.recovery.service.reentry import reenter_allocation
from capture.randomisation.tables import allocation, envelope, outbox
from capture.study import reads as study_reads
from capture.web.request_context import Services
from randomiser import envelope_list, envelope_places, make_draw, replay, verify
from tests.support.builders import PASSWORD, Visitor, make_user
from tests.support.commands import Prompt
from tests.support.racing import together
from tests.support.randomising import (
    DURATION,
    MANAGER,
    UNBLINDED,
    activate,
    blocks_of_four,
    definition,
    delegate,
    draw,
    fill_in,
    ready,
    republish,
)
from tests.support.randomising_pages import boxes, recent, running_trial
from tests.support.trial import GIST, NURSE, Trial, make_actor, make_trial

SITE = "northfield"
URL = f"/studies/{GIST}/randomisations/{DURATION}"


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    return blocks_of_four(database, concealment)


def printed(trial: Trial, count: int = 4, site: str = SITE) -> str:
    with trial.acting(UNBLINDED) as tx:
        version = study_reads.get_version_number(tx.connection, GIST)
        return service.print_envelopes(
            tx, definition(trial), version, DURATION, site=site, count=str(count)
        )


def opened(trial: Trial, person: Participant, label: str, **more: str) -> reads.AllocationRow:
    with trial.acting(NURSE) as tx:
        return open_envelope(
            tx,
            definition(trial),
            1,
            person.id,
            DURATION,
            label=label,
            **{"opened_on": trial.today, **more},
        )


def held(trial: Trial, count: int, version: int = 1) -> list[str]:
    """What the key puts into the envelopes of Northfield, in order."""
    with trial.database.reading() as connection:
        found = reads.get_opened_design(
            connection, trial.concealment, GIST, f"{DURATION}/{version}"
        )
    places = envelope_places(found.design, SITE, make_draw(found.key))
    return [next(places).arm for _ in range(count)]


def known(trial: Trial) -> list[service.Envelope]:
    with trial.database.reading() as connection:
        return service.list_envelopes(connection, GIST, DURATION)


def agrees(trial: Trial) -> None:
    """Nothing that verify looks at differs, and every arm follows from key and history."""
    with trial.database.reading() as connection:
        assert verify_study(connection, trial.concealment, GIST).findings == []
        adaptive = reads.list_adaptive_versions(connection, trial.concealment, GIST, DURATION)
        events = reads.list_history(connection, GIST, DURATION, adaptive=adaptive)
        for version in reads.list_design_versions(connection, GIST, DURATION):
            if version.commitment:
                one = reads.get_opened_design(connection, trial.concealment, GIST, version.id)
                assert replay(one.design, one.key, events) == []
        bundle = make_proof_bundle(connection, trial.concealment, GIST, DURATION, knows_list=True)
    assert verify.check(json.loads(bundle)).problems == []


def test_what_is_opened_is_what_was_printed_and_the_live_lists_stay(trial: Trial) -> None:
    batch = printed(trial)
    with trial.acting(UNBLINDED) as tx:
        papers = service.list_printed_batch(
            tx.connection, trial.concealment, UNBLINDED, definition(trial), batch
        )
    labels = {arm.arm: arm.label for arm in definition(trial).randomisation(DURATION).arms}
    arms = held(trial, 4)
    live = draw(trial, ready(trial))
    second, first = opened(trial, ready(trial), "1-2"), opened(trial, ready(trial), "1-1")
    after = draw(trial, ready(trial))

    assert [one.label for one in papers] == ["1-1", "1-2", "1-3", "1-4"]
    assert [one.arm for one in papers] == [labels[arm] for arm in arms]
    assert sorted(arms) == ["IM36", "IM36", "IM60", "IM60"]
    assert (first.arm, second.arm) == (arms[0], arms[1])
    assert [live.number, second.number, first.number, after.number] == [1, 2, 3, 4]
    with trial.database.reading() as connection:
        assert [used for _list, used in reads.list_use(connection, GIST, DURATION)] == [2]
    agrees(trial)


def test_events_of_envelopes_are_told_apart_in_the_history(trial: Trial) -> None:
    printed(trial)
    person = ready(trial)
    opened(trial, person, "1-3")

    with trial.database.reading() as connection:
        (event,) = reads.list_history(connection, GIST, DURATION)

    assert event.kind == "envelope"
    assert event.list_name == envelope_list(f"{GIST}/{DURATION}", 1, SITE)
    assert (event.number, event.list_position, event.participant) == (1, 3, person.id)


def test_under_minimisation_they_are_simple_draws_that_later_ones_count(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment)
    delegate(trial)
    republish(
        trial,
        ("    method: permuted_blocks", "    method: minimisation"),
        ("    strata:\n", "    minimisation_factors:\n"),
    )
    activate(trial, design={"measure": "range", "p": "1/1"})
    printed(trial)
    by_envelope = opened(trial, ready(trial), "1-1")
    drawn = draw(trial, ready(trial))

    assert by_envelope.arm == held(trial, 1)[0]
    assert drawn.arm != by_envelope.arm
    agrees(trial)


def test_gate_and_consent_as_they_stood_are_kept_and_do_not_refuse(trial: Trial) -> None:
    printed(trial)
    person = trial.enrolled()
    fill_in(trial, person, {"anc": "0.10"})

    done = opened(trial, person, "1-1")

    unmet = {one["criterion"] for one in done.gate if one["result"] != "met"}
    assert "anc" in " ".join(unmet) or len(unmet) >= 1
    with trial.database.reading() as connection:
        assert connection.execute(sa.select(allocation.c.confirmation)).scalar_one() is None
    agrees(trial)


@pytest.mark.parametrize(
    "label, more, words",
    [
        ("1-5", {}, "No envelope '1-5' was printed"),
        ("2-1", {}, "was printed for this site"),
        ("1-0", {}, "was printed for this site"),
        ("1-01", {}, "was printed for this site"),
        ("1", {}, "was printed for this site"),
        ("", {}, "was printed for this site"),
        ("٣-1", {}, "was printed for this site"),
        ("1-1", {"opened_on": "2026-03-03"}, "in the future"),
        ("1-1", {"opened_on": "2026-03-01"}, "not printed before"),
        ("1-1", {"opened_on": "soon"}, "Enter the day"),
        ("1-1", {"opened_on": ""}, "Enter the day"),
    ],
)
def test_what_cannot_have_been_opened_is_refused_in_words(
    trial: Trial, label: str, more: Mapping[str, str], words: str
) -> None:
    printed(trial)
    person = ready(trial)

    with pytest.raises(InvalidInput, match=words):
        opened(trial, person, label, **more)

    with trial.database.reading() as connection:
        assert reads.find_allocation(connection, GIST, person.id, DURATION) is None


def test_an_envelope_is_opened_once_and_a_person_randomised_once(trial: Trial) -> None:
    printed(trial)
    first = ready(trial)
    opened(trial, first, "1-1")

    with pytest.raises(InvalidInput, match=f"opened for {first.number} already"):
        opened(trial, ready(trial), "1-1")
    with pytest.raises(Refused, match="is randomised already, under the number 1"):
        opened(trial, first, "1-2")


def test_strata_must_be_known_and_the_person_enrolled(trial: Trial) -> None:
    printed(trial)
    with pytest.raises(Refused, match="not enrolled yet"):
        opened(trial, trial.screen(), "1-1")
    with pytest.raises(
        Refused, match=r"Complete the stratification factors first: Primary tumour site"
    ):
        opened(trial, trial.enrolled(), "1-1")


def test_one_of_another_site_is_not_known_here(trial: Trial) -> None:
    printed(trial, site="harbourside")

    with pytest.raises(InvalidInput, match="No envelope"):
        opened(trial, ready(trial), "1-1")


def test_of_two_who_open_one_envelope_at_once_one_is_told(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment)
    delegate(trial)
    activate(trial, design={"sizes": [4]})
    printed(trial)
    people = [ready(trial), ready(trial)]

    first, second = people
    answers = together(lambda: opened(trial, first, "1-1"), lambda: opened(trial, second, "1-1"))

    assert sorted(type(one).__name__ for one in answers) == ["AllocationRow", "InvalidInput"]
    assert [one.label for one in known(trial) if one.opened_by_participant] == ["1-1"]
    agrees(trial)


def test_skipped_ones_are_named_and_unused_ones_destroyed_on_record(trial: Trial) -> None:
    printed(trial)
    opened(trial, ready(trial), "1-3")

    assert [one.label for one in service.list_skipped(known(trial))] == ["1-1", "1-2"]
    with trial.acting(UNBLINDED) as tx:
        words = "Burnt by Dr Quist, noted in the site file"
        assert service.record_destruction(tx, GIST, DURATION, site=SITE, words=words) == 3
    with pytest.raises(InvalidInput, match="on record as destroyed"):
        opened(trial, ready(trial), "1-2")
    with pytest.raises(InvalidInput, match="no unused"), trial.acting(UNBLINDED) as tx:
        service.record_destruction(tx, GIST, DURATION, site=SITE, words="again")
    assert list(service.list_skipped(known(trial))) == []
    agrees(trial)


def test_more_envelopes_go_on_where_the_last_batch_ended(trial: Trial) -> None:
    printed(trial, 3)
    printed(trial, 2)

    assert [one.label for one in known(trial)] == ["1-1", "1-2", "1-3", "1-4", "1-5"]


@pytest.mark.parametrize("count", ["0", "51", "-1", "1.5", "", "many", "٣", "9" * 30])
def test_a_wrong_number_of_envelopes_is_refused(trial: Trial, count: str) -> None:
    with pytest.raises(InvalidInput, match="from 1 to 50"), trial.acting(UNBLINDED) as tx:
        service.print_envelopes(tx, definition(trial), 1, DURATION, site=SITE, count=count)


def test_a_new_version_has_envelopes_of_its_own_and_old_ones_still_count(trial: Trial) -> None:
    printed(trial)
    activate(trial, design={"sizes": [6]})
    printed(trial, 2)
    old, new = opened(trial, ready(trial), "1-2"), opened(trial, ready(trial), "2-1")

    assert (old.design_version, new.design_version) == (1, 2)
    assert old.arm == held(trial, 2)[1]
    assert new.arm == held(trial, 1, version=2)[0]
    agrees(trial)


def test_only_who_printed_sees_them_and_for_an_hour(trial: Trial) -> None:
    batch, study = printed(trial), definition(trial)
    later = Trial(trial.database, trial.concealment, trial.moment + timedelta(minutes=61))
    other = make_actor(Role.UNBLINDED, "elsewhere")

    for at, actor in ((trial, other), (trial, MANAGER), (later, UNBLINDED)):
        with pytest.raises(NotFound, match="Print others"), at.acting(actor) as tx:
            service.list_printed_batch(tx.connection, trial.concealment, actor, study, batch)


def test_no_arm_of_an_unopened_envelope_is_stored_and_the_receipt_tells_no_place(
    trial: Trial,
) -> None:
    printed(trial)
    with trial.database.reading() as connection:
        bodies = [
            row.body
            for row in connection.execute(
                sa.select(ledger_body.c.body, ledger.c.action).join_from(
                    ledger_body, ledger, ledger.c.id == ledger_body.c.ledger_id
                )
            )
            if row.action.startswith("envelope")
        ]
    opened(trial, ready(trial), "1-2")
    with trial.database.reading() as connection:
        receipt: Any = connection.execute(sa.select(outbox.c.content)).scalar_one()

    assert len(bodies) == 1
    assert not re.search("IM36|IM60", bodies[0])
    listed = envelope_list(f"{GIST}/{DURATION}", 1, SITE)
    assert receipt["place"] == make_place_tag(trial.concealment, GIST, listed, 2)
    assert "envelopes" not in json.dumps(receipt)


class Lost(Exception):
    """What was written is rolled back, as if the database had been restored."""


def lost_receipt(trial: Trial, person: Participant, label: str) -> dict[str, Any]:
    """The receipt of an opened envelope that the database has lost again."""
    receipt: dict[str, Any] = {}
    study = definition(trial)
    with suppress(Lost), trial.acting(NURSE) as tx:
        open_envelope(tx, study, 1, person.id, DURATION, label=label, opened_on=trial.today)
        receipt.update(tx.connection.execute(sa.select(outbox.c.content)).scalar_one())
        raise Lost
    return receipt


def test_after_a_restore_an_opened_envelope_stands_again_from_its_receipt(trial: Trial) -> None:
    printed(trial)
    person = ready(trial)
    receipt = lost_receipt(trial, person, "1-3")

    changed = {**receipt, "arm": {"IM36": "IM60", "IM60": "IM36"}[receipt["arm"]]}
    with pytest.raises(Refused, match="not the one the key gives"), trial.acting(MANAGER) as tx:
        reenter_allocation(tx, definition(trial), 1, "trial_manager", changed)
    with trial.acting(MANAGER) as tx:
        assert reenter_allocation(tx, definition(trial), 1, "trial_manager", receipt) == []

    assert [one.label for one in known(trial) if one.opened_by_participant] == ["1-3"]
    with trial.database.reading() as connection:
        (event,) = reads.list_history(connection, GIST, DURATION)
    assert (event.kind, event.list_position, event.arm) == ("envelope", 3, held(trial, 3)[2])


def test_after_a_restore_one_known_to_be_opened_is_not_printed_again(trial: Trial) -> None:
    """The restore lost the printing too, and the site knows what the opened one held."""
    person, study, receipt = ready(trial), definition(trial), dict[str, Any]()
    anybody = Actor("anybody", "Anybody", grants=UNBLINDED.grants + NURSE.grants)
    with suppress(Lost), trial.acting(anybody) as tx:
        service.print_envelopes(tx, study, 1, DURATION, site=SITE, count="4")
        open_envelope(tx, study, 1, person.id, DURATION, label="1-2", opened_on=trial.today)
        receipt.update(tx.connection.execute(sa.select(outbox.c.content)).scalar_one())
        raise Lost
    with trial.acting(MANAGER) as tx:
        reenter_allocation(tx, study, 1, "trial_manager", receipt)

    batch = printed(trial)
    with trial.acting(UNBLINDED) as tx:
        papers = service.list_printed_batch(
            tx.connection, trial.concealment, UNBLINDED, study, batch
        )

    assert [one.label for one in papers] == ["1-1", "1-3", "1-4"]
    assert [one.label for one in known(trial) if one.opened_by_participant] == ["1-2"]


@pytest.mark.parametrize(
    "table, changes, words",
    [
        (envelope, {"number": 9}, "number"),
        (envelope, {"site": "harbourside"}, "site"),
        (envelope, {"destroyed_at": "2026-03-02T09:00:00.000000Z"}, "destroyed_at"),
        (allocation, {"list_position": 2}, "list_position"),
        (allocation, {"arm": "IM48"}, "the key gives"),
        (allocation, {"list_position": 77}, "list_position"),
    ],
)
def test_what_is_changed_about_envelopes_is_found(
    trial: Trial, table: sa.Table, changes: dict[str, Any], words: str
) -> None:
    printed(trial, 1)
    opened(trial, ready(trial), "1-1")
    with trial.database.writing() as connection:
        connection.execute(table.update().values(**changes))

    with trial.database.reading() as connection:
        found = verify_study(connection, trial.concealment, GIST).findings

    assert any(words in line for line in found), found


EMAILS = {
    Role.UNBLINDED: "unblinded@unit.example",
    Role.TRIAL_MANAGER: "manager@unit.example",
    Role.NURSE: "nurse@unit.example",
}


@pytest.fixture
def visitors(services: Services, sign_in: Callable[..., Visitor]) -> dict[Role, Visitor]:
    running_trial(services, is_active=False)
    for role, email in EMAILS.items():
        make_user(services, email=email, name=role.label.title(), role=role)
    return {role: sign_in(email) for role, email in EMAILS.items()}


def words_of(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_from_the_printer_to_the_result_on_pages(
    services: Services, visitors: dict[Role, Visitor]
) -> None:
    trial = Trial(services.database, services.concealment, datetime.now(UTC))
    activate(trial, design={"sizes": [4]})
    unblinded, manager, nurse = (visitors[role] for role in EMAILS)
    person = eligible(trial)
    sent = {"print-site": SITE, "print-count": "3", "print-password": PASSWORD}

    wrong = unblinded.post(f"{URL}/envelopes", {**sent, "print-count": "0"})
    papers = unblinded.post(f"{URL}/envelopes", sent, follow_redirects=True)
    again = manager.get(papers.request.path)
    way = nurse.get(person_url(person))
    page = nurse.get(person_url(person, "/envelope"))
    typed = {
        "opened-envelope": "1-2",
        **boxes("opened-opened_on", trial.today),
        "opened-password": PASSWORD,
    }
    refused = nurse.post(person_url(person, "/envelope"), {**typed, "opened-envelope": "1-9"})
    done = nurse.post(person_url(person, "/envelope"), typed, follow_redirects=True)

    assert (wrong.status_code, "from 1 to 50" in wrong.text) == (422, True)
    assert papers.headers["Cache-Control"] == "no-store"
    for words in ("Envelope 1-1", "Envelope 1-3", "Fold here", "Northfield"):
        assert words in papers.text
    assert (
        papers.text.count("3 years (stop imatinib)")
        + papers.text.count("5 years (continue imatinib)")
        == 3
    )
    assert again.status_code == 403
    assert "An envelope was opened for this participant" in way.text
    assert "Day on which it was opened" in page.text
    assert (refused.status_code, "No envelope" in refused.text) == (422, True)
    assert done.request.path == person_url(person, "/result"), words_of(done.text)
    assert "Not on record, though printed before it: 1-1. Were they opened?" in done.text
    state = words_of(unblinded.get(f"{URL}/envelopes").text)
    assert "Skipped" in state
    assert "1-1 to 1-3 1-2 1-1, 1-3" in state
    assert visitors[Role.TRIAL_MANAGER].get(f"{URL}/envelopes").status_code == 403


def test_a_database_older_than_its_receipts_halts_envelopes_too(
    services: Services, visitors: dict[Role, Visitor]
) -> None:
    trial = Trial(services.database, services.concealment, datetime.now(UTC))
    activate(trial, design={"sizes": [4]})
    printed(trial)
    person = eligible(trial)
    newer = services.config.data / RECEIPTS / f"{GIST}.jsonl"
    newer.parent.mkdir(exist_ok=True)
    newer.write_text(json.dumps({"study": GIST, "randomisation": DURATION, "number": 9}))
    typed = {
        "opened-envelope": "1-1",
        **boxes("opened-opened_on", trial.today),
        "opened-password": PASSWORD,
    }

    recorded = visitors[Role.NURSE].post(person_url(person, "/envelope"), typed)

    assert (recorded.status_code, "Randomisation is halted" in recorded.text) == (422, True)
    assert not any(one.opened_by_participant for one in known(trial))


def test_the_command_line_writes_the_same_sheets(
    services: Services, visitors: dict[Role, Visitor], config: Config, tmp_path: Path
) -> None:
    trial = Trial(services.database, services.concealment, datetime.now(UTC))
    activate(trial, design={"sizes": [4]})
    labels = {arm.arm: arm.label for arm in definition(trial).randomisation(DURATION).arms}
    words = ("randomisation", "envelopes", f"{GIST}/{DURATION}", "--out", tmp_path, "--site")
    more = ("--as", EMAILS[Role.UNBLINDED])

    done = Prompt(config)(*words, SITE, "--count", "2", *more, typed=f"{PASSWORD}\n")
    unknown = Prompt(config)(*words, "nowhere", "--count", "2", *more, typed=f"{PASSWORD}\n")
    manager = ("--as", EMAILS[Role.TRIAL_MANAGER])
    forbidden = Prompt(config)(*words, SITE, "--count", "2", *manager, typed=f"{PASSWORD}\n")

    assert (done.exit_code, unknown.exit_code, forbidden.exit_code) == (0, 1, 1), done.output
    (file,) = tmp_path.glob("envelopes-*.txt")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    sheets = file.read_text().split("\f")
    for sheet, arm, number in zip(sheets, held(trial, 2), (1, 2), strict=True):
        assert sheet.startswith(f"ENVELOPE 1-{number}\n")
        assert "TEST STUDY: NOT FOR REAL PARTICIPANTS" in sheet.partition("fold here")[0]
        assert sheet.partition("fold here")[2].count(labels[arm]) == 1
    assert not any(label in done.output for label in labels.values())
    assert [one.label for one in known(trial)] == ["1-1", "1-2"]


def eligible(trial: Trial) -> Participant:
    person = trial.enrolled()
    fill_in(trial, person, recent())
    return person


def person_url(person: Participant, page: str = "") -> str:
    return f"/studies/{GIST}/participants/{person.id}/randomise/{DURATION}{page}"
