"""A form saved for the wrong participant: undone there, saved where it belongs, in one act."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from capture.access import Actor, Role
from capture.corrections import service
from capture.db import Database
from capture.entry import reads as entries
from capture.ledger.concealment import Concealment
from capture.participants import service as participants
from capture.problems import InvalidInput, NotAllowed, NotFound, Problem, Refused, Stale
from forms.evaluation_scope import Place
from tests.support.entries import FULL_VITALS, VITALS, Desk
from tests.support.randomising import definition
from tests.support.trial import GIST, NURSE, Trial, make_actor, make_trial
from tests.support.watching import Watch

WHY = "Mrs A's form typed on Mrs B"
RIGHT = {"vitals_date": "2026-03-02", "height_cm": "160", "weight_kg": "60"}


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    return make_trial(database, concealment)


@pytest.fixture
def a(trial: Trial) -> Desk:
    return Desk(trial, trial.enrolled())


@pytest.fixture
def b(a: Desk) -> Desk:
    return Desk(a.trial, a.trial.enrolled(sex="male"))


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def put(
    wrong: Desk,
    right: Desk,
    *,
    since: int | None = None,
    key: Place = VITALS,
    place: Place | None = None,
    overwrite: bool | None = None,
    reason: str = WHY,
    seen: Mapping[str, int] = {},
    actor: Actor = NURSE,
) -> None:
    found, there = wrong.stored(key), place or key
    said = service.EntryOwner(
        entry=found.id,
        version=seen.get("here", found.version),
        since=found.version if since is None else since,
        to=right.person.id,
        place=there,
        to_version=seen.get("there", right.version(there)),
        reason=reason,
        overwrite=overwrite,
    )
    with wrong.trial.acting(actor) as tx:
        service.move_answers(tx, definition(wrong.trial), 1, wrong.person.id, said)


def values(desk: Desk, key: Place = VITALS) -> dict[str, object]:
    found = desk.entry(key)
    cells = found.cells if found else {}
    return {name: cell.value for name, cell in cells.items() if name != "bsa_m2"}


STORED = {"vitals_date": "2026-03-02", "height_cm": "160", "weight_kg": "60"}


def test_a_whole_form_goes_where_it_belongs_and_the_wrong_place_is_blank(
    a: Desk, b: Desk, watch: Watch
) -> None:
    b.save(RIGHT)
    watch.look(a.trial)

    put(b, a)

    assert (values(a), b.entry()) == (STORED, None)
    found = watch.look(a.trial)["vitals"]
    assert [(row["participant_number"], row["weight_kg"]) for row in found] == [
        (a.person.number, "60.0")
    ]


def test_the_wrong_form_goes_back_to_what_it_was_before_that_save(
    a: Desk, b: Desk, watch: Watch
) -> None:
    b.save(FULL_VITALS)
    before = b.stored()
    watch.look(a.trial)
    b.save({**RIGHT, "pulse_min": 66}, reason="Typing error")
    watch.look(a.trial)

    put(b, a)

    after = b.stored()
    assert (after.cells, after.status) == (before.cells, before.status)
    # Her vital signs date was the same, so the save never changed it and it stays where it is.
    assert values(a) == {"height_cm": "160", "weight_kg": "60", "pulse_min": 66}
    watch.look(a.trial)


def test_several_wrong_saves_are_undone_together(a: Desk, b: Desk, watch: Watch) -> None:
    b.save({"height_cm": "180"})
    b.save(RIGHT)
    b.save({"weight_kg": "61"}, reason="Typing error")

    put(b, a, since=2)

    assert values(b) == {"height_cm": "180"}
    assert values(a) == {**STORED, "weight_kg": "61"}
    watch.look(a.trial)


def test_a_form_that_was_not_done_is_not_done_again(a: Desk, b: Desk, watch: Watch) -> None:
    b.not_do(why="refused")
    b.save(RIGHT)

    put(b, a)

    assert (b.stored().status, b.stored().reason) == ("not_done", "refused")
    assert values(a) == STORED
    watch.look(a.trial)


def test_other_answers_are_never_overwritten_silently(a: Desk, b: Desk, watch: Watch) -> None:
    a.save({"weight_kg": "55", "pulse_min": 70})
    b.save(RIGHT)

    with pytest.raises(InvalidInput) as caught:
        put(b, a)
    assert caught.value.field == "overwrite"
    assert (values(a), values(b)) == ({"weight_kg": "55", "pulse_min": 70}, STORED)
    put(b, a, overwrite=False)
    assert values(a) == {**STORED, "weight_kg": "55", "pulse_min": 70}
    assert b.entry() is None
    watch.look(a.trial)


def test_other_answers_give_way_when_that_is_said(a: Desk, b: Desk, watch: Watch) -> None:
    a.save({"weight_kg": "55"})
    b.save(RIGHT)

    put(b, a, overwrite=True)

    assert values(a) == STORED
    watch.look(a.trial)


def test_odd_answers_are_asked_about_anew_on_the_right_form(a: Desk, b: Desk, watch: Watch) -> None:
    b.save({**RIGHT, "pulse_min": 220}, confirm=True)

    put(b, a)

    assert [one.is_open for one in a.queries()] == [True]
    watch.look(a.trial)


def test_an_event_goes_over_with_its_form(a: Desk, b: Desk, watch: Watch) -> None:
    log = Place("log", 1, "recurrence")
    b.save({"recurrence_date": "2026-03-01"}, log)

    put(b, a, key=log)

    found = {row["participant_number"]: row for row in watch.look(a.trial)["participants"]}
    dates = [found[one.person.number]["recurrence_date"] for one in (a, b)]
    assert dates == ["2026-03-01", ""]


def test_both_histories_name_the_other_side(a: Desk, b: Desk) -> None:
    b.save(FULL_VITALS)
    b.save(RIGHT, reason="Typing error")
    put(b, a)

    told = {}
    with a.trial.database.reading() as connection:
        for desk in (a, b):
            past = entries.list_entry_history(
                connection, a.trial.concealment, GIST, desk.person.id, desk.stored().id
            )
            told[desk.person.id] = (
                past[0].fact.new("moved_from"),
                past[0].fact.new("moved_to"),
                past[0].fact.reason,
            )
    assert told == {a.person.id: (b.person.id, None, WHY), b.person.id: (None, a.person.id, WHY)}


def test_answers_go_to_another_visit_of_the_same_person(a: Desk, watch: Watch) -> None:
    with a.trial.acting() as tx:
        participants.add_visit(tx, GIST, a.person.id, slug="unscheduled", date="2026-03-02")
    a.save(RIGHT)
    place = Place("unscheduled", 1, "vitals")

    put(a, a, place=place)

    assert (a.entry(), values(a, place)) == (None, STORED)
    watch.look(a.trial)


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"reason": " "}, InvalidInput),
        ({"since": 0}, InvalidInput),
        ({"since": 2}, InvalidInput),
        ({"seen": {"here": 2}}, Stale),
        ({"seen": {"there": 1}}, Stale),
        ({"place": Place("baseline", 1, "haematology")}, InvalidInput),
        ({"place": Place("baseline", 2, "vitals")}, NotFound),
        ({"actor": make_actor(Role.NURSE, "harbourside")}, NotFound),
        ({"actor": make_actor(Role.MONITOR)}, NotAllowed),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_neither(
    a: Desk, b: Desk, change: dict[str, object], problem: type[Problem]
) -> None:
    b.save(RIGHT)
    with pytest.raises(problem):
        put(b, a, **change)  # type: ignore[arg-type]

    assert (values(b), a.entry()) == (STORED, None)


def test_nothing_goes_to_somebody_of_another_site(b: Desk) -> None:
    far = make_actor(Role.NURSE, "harbourside")
    there = Desk(b.trial, b.trial.screen("harbourside", far))
    b.save(RIGHT)

    with pytest.raises(NotFound):
        put(b, there)
    assert values(b) == STORED


def test_nothing_goes_to_or_from_whoever_died_before_that_day(a: Desk, b: Desk) -> None:
    late = {**RIGHT, "vitals_date": "2026-03-05"}
    later_a, later_b = a.on("2026-03-09"), b.on("2026-03-09")
    later_b.save(late)
    with later_a.trial.acting() as tx:
        participants.die(tx, GIST, a.person.id, date="2026-03-04")
    with pytest.raises(Refused, match="died"):
        put(later_b, later_a)
    assert (values(b)["vitals_date"], a.entry()) == ("2026-03-05", None)


def test_a_form_that_was_wrong_from_the_start_is_never_lost_when_the_person_died(
    a: Desk, b: Desk
) -> None:
    later_a, later_b = a.on("2026-03-09"), b.on("2026-03-09")
    with later_a.trial.acting() as tx:
        participants.withdraw(
            tx,
            GIST,
            a.person.id,
            participants.Withdrawal("data_withdrawal", "2026-03-09", "participant", "x"),
        )
    later_b.save(RIGHT)

    with pytest.raises(Refused, match="withdrew consent to further data collection"):
        put(later_b, later_a)
    assert values(b) == STORED
