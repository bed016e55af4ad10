"""The ledger on both engines: append-only, sealed in order, read back as it stood."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from capture import clock
from capture.access import SYSTEM_ACTOR, Action, Actor, Grant, Role
from capture.db import Database
from capture.ledger import reads, sealing, service
from capture.ledger.concealment import Concealment
from capture.ledger.fold import Change
from capture.ledger.tables import ledger, seal, unsealed
from capture.ledger.tree_heads import read_checkpoints
from capture.ledger.verify import verify_study
from capture.problems import Busy, InvalidInput, NotAllowed, RequestReused

KEY = b"\x22" * 32


def _refusal(tx: service.Transaction, number: int, study: str = "demo") -> str:
    body = {"act": Change(None, f"act {number}"), "problem": "Refused"}
    act = tx.about(f"participant/{number % 3}", study=study)
    return act.record(Action.ACCESS_DENY, body, concealed={"secret": number}).id


def _write(database: Database, concealment: Concealment, count: int) -> list[str]:
    made = []
    for number in range(count):
        with service.transaction(database, SYSTEM_ACTOR, concealment) as tx:
            made.append(_refusal(tx, number))
    return made


def test_every_committed_row_is_sealed_in_order(
    database: Database, concealment: Concealment
) -> None:
    made = _write(database, concealment, 7)

    with database.reading() as connection:
        sealed = connection.execute(sa.select(seal.c.ledger_id).order_by(seal.c.position)).scalars()

        assert list(sealed) == made
        assert connection.execute(sa.select(unsealed)).all() == []


def test_what_is_read_together_is_of_one_moment(
    database: Database, concealment: Concealment
) -> None:
    _write(database, concealment, 1)

    with database.reading() as connection:
        before = connection.execute(sa.select(ledger.c.id)).all()
        _write(database, concealment, 1)
        after = connection.execute(sa.select(ledger.c.id)).all()

    assert (len(before), len(after)) == (1, 1)


def _fail_after_writing(database: Database, concealment: Concealment) -> None:
    with service.transaction(database, SYSTEM_ACTOR, concealment) as tx:
        _refusal(tx, 1)
        raise RuntimeError


def test_a_rolled_back_act_leaves_nothing(database: Database, concealment: Concealment) -> None:
    with pytest.raises(RuntimeError):
        _fail_after_writing(database, concealment)

    with database.reading() as connection:
        assert connection.execute(sa.select(ledger)).all() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET reason = 'x'",
        "DELETE FROM ledger",
        "UPDATE seal SET sealed_at = 'x'",
        "DELETE FROM seal",
        "DELETE FROM ledger_body",
        "UPDATE ledger_body SET body = '{}'",
        "INSERT INTO ledger SELECT * FROM ledger",
    ],
)
def test_the_application_cannot_change_the_past(
    database: Database, concealment: Concealment, statement: str
) -> None:
    _write(database, concealment, 1)

    with pytest.raises(sa.exc.DatabaseError), database.writing() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_sqlite_refuses_to_replace_a_row(database: Database, concealment: Concealment) -> None:
    _write(database, concealment, 1)

    with pytest.raises(sa.exc.DatabaseError), database.writing() as connection:
        connection.exec_driver_sql("INSERT OR REPLACE INTO ledger SELECT * FROM ledger")


def test_an_instant_means_what_was_sealed_by_then(
    database: Database, concealment: Concealment
) -> None:
    for minute in (1, 2, 3):
        with clock.running_at(datetime(2026, 1, 1, 9, minute, tzinfo=UTC)):
            _write(database, concealment, 1)

    assert sealing.position_at(database, "demo", "2026-01-01T09:02:30.000000Z")[0] == 2
    assert sealing.position_at(database, "demo", "2025-01-01T00:00:00.000000Z")[0] == 0
    assert sealing.position_at(database, "demo", None)[0] == 3


def test_as_of_any_instant_an_act_is_known_whole_or_not_at_all(
    database: Database, concealment: Concealment
) -> None:
    with service.transaction(database, SYSTEM_ACTOR, concealment) as tx:
        for number in range(20):
            _refusal(tx, number)

    with database.reading() as connection:
        instants = set(connection.execute(sa.select(seal.c.sealed_at)).scalars())
    known = {sealing.position_at(database, "demo", at)[0] for at in instants}

    assert known == {20}


def test_a_future_instant_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="future"):
        sealing.position_at(database, "demo", "2999-01-01T00:00:00.000000Z")


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_a_late_commit_never_slips_under_a_position_given_out(
    database: Database, concealment: Concealment
) -> None:
    _write(database, concealment, 1)
    with service.transaction(database, SYSTEM_ACTOR, concealment) as late:
        _refusal(late, 5)
        _write(database, concealment, 1)
        position, sealed_at = sealing.position_at(database, "demo", None)
        assert position == 2

    assert sealing.position_at(database, "demo", sealed_at)[0] == 2
    assert sealing.position_at(database, "demo", None)[0] == 3


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize("moment", [None, "2026-01-01T00:00:00.000000Z"])
def test_whoever_waits_too_long_for_the_seal_is_told(
    database: Database, concealment: Concealment, moment: str | None
) -> None:
    _write(database, concealment, 1)
    with database.engine.connect() as sealing_for_long:
        sealing_for_long.execute(sa.text(f"SELECT pg_advisory_lock({sealing.SEAL_LOCK})"))

        with pytest.raises(Busy, match="Try again in a moment"):
            sealing.position_at(database, "demo", moment)

        sealing_for_long.execute(sa.text(f"SELECT pg_advisory_unlock({sealing.SEAL_LOCK})"))
    assert sealing.position_at(database, "demo", None)[0] == 1


def test_facts_come_back_with_their_concealed_values(
    database: Database, concealment: Concealment
) -> None:
    _write(database, concealment, 4)

    with database.reading() as connection:
        found = list(reads.list_ledger_rows(connection, concealment, "demo", up_to=3))

    assert [(fact.subject, fact.new("secret")) for fact in found] == [
        ("participant/0", 0),
        ("participant/1", 1),
        ("participant/2", 2),
    ]


def test_a_repeated_request_gets_its_first_answer(
    database: Database, concealment: Concealment
) -> None:
    for content, expected in (("h1", None), ("h1", {"location": "/a"})):
        with service.transaction(database, SYSTEM_ACTOR, concealment, request_id="r1") as tx:
            answer = service.stored_answer(tx, content)
            assert answer == expected
            if answer is None:
                service.store_answer(tx, content, {"location": "/a"})

    with (
        pytest.raises(RequestReused),
        service.transaction(database, SYSTEM_ACTOR, concealment, request_id="r1") as tx,
    ):
        service.stored_answer(tx, "other")


def test_a_nul_in_a_reason_is_refused(database: Database, concealment: Concealment) -> None:
    with (
        pytest.raises(InvalidInput),
        service.transaction(database, SYSTEM_ACTOR, concealment) as tx,
    ):
        tx.about("study", study="demo").record(Action.ACCESS_DENY, {}, reason="a\x00b")


NURSE = Actor("n1", "A. Cole", grants=(Grant("demo", Role.NURSE, frozenset({"leeds"})),))


def test_the_role_of_an_act_follows_from_its_action(
    database: Database, concealment: Concealment
) -> None:
    with service.transaction(database, NURSE, concealment) as tx:
        act = tx.about("participant/1", study="demo", site="leeds")
        own = act.record(Action.RANDOMISATION_NOTIFY, {"id": "1", "who": "gp"})
        led_to = act.record(Action.RANDOMISATION_HALT, {"id": "1", "reason": "a test"})
        refused = act.record(Action.ACCESS_DENY, {"act": "x", "problem": "y"})

    assert [own.role, led_to.role, refused.role] == ["nurse", "system", ""]


def test_what_follows_from_an_act_bears_its_role(
    database: Database, concealment: Concealment
) -> None:
    with service.transaction(database, NURSE, concealment) as tx:
        act = tx.about("participant/1", study="demo", site="leeds").require(
            Action.ENTRY_MARK_IN_ERROR
        )

        assert act.role == "nurse"


def test_an_act_at_another_site_is_refused(database: Database, concealment: Concealment) -> None:
    with (
        pytest.raises(NotAllowed),
        service.transaction(database, NURSE, concealment) as tx,
    ):
        tx.about("participant/1", study="demo", site="york").require(Action.ENTRY_MARK_IN_ERROR)


def test_checkpoints_hold_outside_the_database(
    database: Database, concealment: Concealment, tmp_path: Path
) -> None:
    _write(database, concealment, 5)
    sealing.sign_checkpoints(database, KEY, tmp_path / "checkpoints")
    _write(database, concealment, 2)
    made = sealing.sign_checkpoints(database, KEY, tmp_path / "checkpoints")

    outside = read_checkpoints(tmp_path / "checkpoints" / "demo.jsonl")
    with database.reading() as connection:
        report = verify_study(connection, concealment, "demo", outside)

    assert [head.size for head in outside] == [5, 7]
    assert [head.size for head in made] == [7]
    assert report.findings == []


def test_a_checkpoint_that_could_not_leave_is_signed_again_on_a_line_of_its_own(
    database: Database, concealment: Concealment, tmp_path: Path
) -> None:
    _write(database, concealment, 5)
    outside = tmp_path / "checkpoints" / "demo.jsonl"
    outside.parent.mkdir()
    outside.write_text('{"at": "cut short by a fu')
    with _no_file_longer_than(100), pytest.raises(OSError, match="No space left"):
        sealing.sign_checkpoints(database, KEY, tmp_path / "checkpoints")

    made = sealing.sign_checkpoints(database, KEY, tmp_path / "checkpoints")

    assert [head.size for head in made] == [5]
    first, _second_cut_short, last = (one for one in outside.read_text().splitlines() if one)
    assert first == '{"at": "cut short by a fu'
    assert last == made[0].as_line()
    assert sealing.sign_checkpoints(database, KEY, tmp_path / "checkpoints") == []


@contextmanager
def _no_file_longer_than(size: int) -> Iterator[None]:
    """A disk that takes the first bytes of a line and no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
