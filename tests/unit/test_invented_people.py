"""Invented people of the muscle transfer study follow the published means, and get better."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from itertools import pairwise
from random import Random
from statistics import mean

import pytest

from capture.synthetic.answers import Answers
from capture.synthetic.people import profile_of
from capture.synthetic.people.functional_muscle_transfer import traits
from capture.synthetic.people.leanings import Profile, Traits
from forms.definition import DecimalNumber
from forms.edit_checks import derive
from forms.evaluation_scope import Place, StudyScope
from forms.values import Cell, read_value
from tests.support.trial import GIST, gist
from tests.unit.forms.studies import muscle_transfer

pytestmark = pytest.mark.slow
STUDY = "functional-muscle-transfer"
DAY = date(2026, 3, 2)
NOON = datetime.fromisoformat("2026-03-02T12:00:00")
MANY = 80


def _of(group: str, random: Random, count: int = MANY) -> list[Traits]:
    found: list[Traits] = []
    while len(found) < count:
        people = traits(random)
        if people["group"] == group:
            found.append(people)
    return found


def _filled(name: str, visit: str, people: Traits, random: Random) -> dict[str, Cell]:
    study = muscle_transfer()
    scope = StudyScope(study, {}, NOON, here=Place(visit, 1, name))
    answers = Answers(study, random, profile_of(STUDY))
    cells = answers.fill(study.instrument(name), scope, DAY, people)
    return {**cells, **derive(study.instrument(name), cells, scope.with_cells(cells))}


@cache
def _mean(item: str, group: str, visit: str = "assessment", seed: int = 3) -> float:
    random = Random(seed)  # noqa: S311  (invented people)
    name = muscle_transfer().instrument_of(item).name
    found = [_filled(name, visit, people, random).get(item) for people in _of(group, random)]
    return mean(float(str(cell.value)) for cell in found if cell and cell.value is not None)


@pytest.mark.parametrize(
    "item, group, published, near",
    [
        # S19: the means of 24 people with a transfer and of 10 without. `near` is about three
        # standard errors of a mean of 80: 3 * 8 / 9 for TESS, 3 * 1.1 / 9 for the gait profile.
        ("tess_score", "transfer", 81.85, 2.7),
        ("tess_score", "no_transfer", 71.17, 2.7),
        ("gps_overall", "transfer", 8.04, 0.4),
        ("gps_overall", "no_transfer", 10.2, 0.4),
        ("components_resected", "transfer", 2.58, 0.3),
        ("components_resected", "no_transfer", 2.85, 0.3),
    ],
)
def test_group_means_are_the_published_ones(
    item: str, group: str, published: float, near: float
) -> None:
    visit = "operation" if item == "components_resected" else "assessment"

    assert _mean(item, group, visit) == pytest.approx(published, abs=near)


def test_people_never_operated_on_do_better_than_either_group() -> None:
    for item, better in (("tess_score", max), ("gps_overall", min), ("tug_best_s", min)):
        means = {group: _mean(item, group) for group in ("transfer", "no_transfer", "control")}

        assert better(means, key=means.__getitem__) == "control", item


@pytest.mark.parametrize(
    "item, is_better",
    [
        ("tess_score", float.__gt__),
        ("lefs_prorated", float.__gt__),
        ("msts_percent", float.__gt__),
        ("gps_overall", float.__lt__),
        ("tug_best_s", float.__lt__),
    ],
)
def test_scores_improve_from_visit_to_visit(
    item: str, is_better: Callable[[float, float], bool]
) -> None:
    visits = ("preoperative", "serial_6m", "serial_12m", "serial_24m")
    means = [_mean(item, "transfer", visit) for visit in visits]

    assert all(is_better(later, earlier) for earlier, later in pairwise(means))


@pytest.mark.parametrize("profile", [profile_of(GIST), profile_of("no such study")])
def test_an_invented_number_is_what_a_form_would_store(profile: Profile) -> None:
    study, random = gist().study, Random(3)  # noqa: S311  (invented people)
    answers, stored, read = Answers(study, random, profile), [], []
    for name in ("vitals", "haematology", "biochemistry") * MANY:
        instrument = study.instrument(name)
        scope = StudyScope(study, {}, NOON, here=Place("baseline", 1, name))
        for item, cell in answers.fill(instrument, scope, DAY, {}).items():
            asked = instrument.value_items[item]
            if isinstance(asked, DecimalNumber) and isinstance(cell.value, str):
                stored.append(cell)
                read.append(read_value(asked, cell.value, today=DAY))

    # One in ten of one decimal is a whole number, which a form keeps without point and zero.
    assert any("." not in str(cell.value) for cell in stored)
    assert stored == read


def test_two_in_three_operated_people_or_more_have_a_transfer() -> None:
    people = [traits(Random(seed)) for seed in range(2_000)]  # noqa: S311  (invented people)
    operated = [one for one in people if one["route"] != "unoperated"]
    with_transfer = [one for one in operated if one["group"] == "transfer"]

    # S19: 24 of 34 are 0.706; three standard errors of 1600 are 0.034.
    assert len(with_transfer) / len(operated) == pytest.approx(24 / 34, abs=0.035)
    assert {one["group"] for one in people if one["route"] == "unoperated"} == {"control"}
