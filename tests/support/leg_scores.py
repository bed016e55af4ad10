"""Answers to the instruments of leg function and the scores they give, each worked by hand.

The same cases go through the server's evaluator, through the browser's, and onto the real form.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from forms.values import Cell

REFUSED = Cell(missing="refused")


@dataclass(frozen=True)
class Case:
    """Answers of one instrument; None in scores is a blank. elsewhere: answers of other forms."""

    name: str
    instrument: str
    answers: Mapping[str, Any]
    scores: Mapping[str, str | None]
    elsewhere: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def items(stem: str, *runs: tuple[int, Any]) -> dict[str, Any]:
    """Answers stem_1, stem_2 … in runs of (how many, which answer); None leaves them blank."""
    answers = [answer for count, answer in runs for _ in range(count)]
    found = {f"{stem}_{number}": answer for number, answer in enumerate(answers, start=1)}
    return {name: answer for name, answer in found.items() if answer is not None}


def _tess(
    name: str, *runs: tuple[int, Any], total: str | None, n: str | None, score: str | None
) -> Case:
    scores = {"tess_sum": total, "tess_answered": n, "tess_score": score}
    return Case(f"tess: {name}", "tess", items("tess", *runs), scores)


# TESS = 100 * (sum - n) / (4 n), n the items answered 1 to 5; blank below 15.
TESS = (
    _tess("all 5", (30, "5"), total="150", n="30", score="100.0"),  # 100 * (150 - 30) / 120
    _tess("all 1", (30, "1"), total="30", n="30", score="0.0"),  # 100 * (30 - 30) / 120
    _tess("all 3", (30, "3"), total="90", n="30", score="50.0"),  # 100 * (90 - 30) / 120
    _tess(
        "20 of 4, 10 N/A", (20, "4"), (10, "na"), total="80", n="20", score="75.0"
    ),  # 100 * (80 - 20) / 80
    _tess("all N/A", (30, "na"), total=None, n=None, score=None),
    _tess("nothing answered", (30, None), total=None, n=None, score=None),
    _tess("14 answered", (14, "5"), (16, "na"), total="70", n="14", score=None),
    _tess(
        "15 answered", (15, "5"), (15, "na"), total="75", n="15", score="100.0"
    ),  # 100 * (75 - 15) / 60
    # One item less: 29 items with a sum of 28 * 5 + 4 = 144: 100 * (144 - 29) / 116 = 99.137…
    _tess("one refused", (28, "5"), (1, "4"), (1, REFUSED), total="144", n="29", score="99.1"),
    _tess("one N/A", (28, "5"), (1, "4"), (1, "na"), total="144", n="29", score="99.1"),
    _tess("one blank", (28, "5"), (1, "4"), (1, None), total="144", n="29", score="99.1"),
    # A half goes away from zero: sum 19 + 2 = 21, 100 * (21 - 20) / 80 = 1.25, to even it were 1.2.
    _tess("a half", (19, "1"), (1, "2"), (10, "na"), total="21", n="20", score="1.3"),
)

_ASPECTS = ("pain", "function", "acceptance", "supports", "walking", "gait")


def _msts(name: str, points: Sequence[Any], total: str | None, percent: str | None) -> Case:
    pairs = zip(_ASPECTS, points, strict=True)
    answers = {f"msts_{aspect}": point for aspect, point in pairs if point is not None}
    return Case(f"msts: {name}", "msts", answers, {"msts_sum": total, "msts_percent": percent})


# MSTS = the sum of all six, and 100 * sum / 30.
MSTS = (
    _msts("26 of 30", "554543", "26", "86.7"),  # 100 * 26 / 30 = 86.666…
    _msts("all 5", "555555", "30", "100.0"),
    _msts("all 0", "000000", "0", "0.0"),
    _msts("one point", "000001", "1", "3.3"),  # 3.333…
    _msts("one refused", [*"55454", REFUSED], None, None),
    _msts("one blank", [*"55454", None], None, None),
)


def _lefs(name: str, *runs: tuple[int, Any], scores: Sequence[str | None]) -> Case:
    names = ("lefs_answered", "lefs_score", "lefs_prorated", "lefs_scoring")
    return Case(
        f"lefs: {name}", "lefs", items("lefs", *runs), dict(zip(names, scores, strict=True))
    )


# LEFS = the sum of all 20; raised to 20 items: 20 * sum / n from 18 answered on.
LEFS = (
    _lefs("all 4", (20, "4"), scores=("20", "80", "80.0", "complete")),
    _lefs("all 0", (20, "0"), scores=("20", "0", "0.0", "complete")),
    # 19 * 4 = 76; 20 * 76 / 19 = 80
    _lefs("19 of 4, one refused", (19, "4"), (1, REFUSED), scores=("19", None, "80.0", "prorated")),
    # 18 * 3 + 1 = 55; 20 * 55 / 19 = 57.894…
    _lefs("19, one blank", (18, "3"), (1, "1"), (1, None), scores=("19", None, "57.9", "prorated")),
    # 17 * 3 + 2 = 53; 20 * 53 / 18 = 58.888…
    _lefs("18", (17, "3"), (1, "2"), (2, REFUSED), scores=("18", None, "58.9", "prorated")),
    _lefs("17", (17, "4"), (3, REFUSED), scores=("17", None, None, "none")),
    _lefs("nothing answered", (20, None), scores=(None, None, None, None)),
)


def _tug(name: str, answers: Mapping[str, Any], *scores: str | None) -> Case:
    names = ("tug_best_s", "tug_mean_s", "tug_fall_risk")
    found = dict(zip(names, scores, strict=True))
    return Case(f"tug: {name}", "timed_up_and_go", answers, found)


def _tries(first: Any, second: Any) -> dict[str, Any]:
    return {"tug_able": "done", "tug_first_s": first, "tug_second_s": second}


TUG = (
    # (10.1 + 10.2) / 2 = 10.15, a half: away from zero
    _tug("a half", _tries("10.1", "10.2"), "10.1", "10.2", "no"),
    _tug("11.9 is no risk", _tries("13.4", "11.9"), "11.9", "12.7", "no"),  # 25.3 / 2 = 12.65
    _tug("12.0 is one", _tries("12.0", "12.4"), "12.0", "12.2", "yes"),
    _tug("one try", _tries("14.0", REFUSED), "14.0", None, "yes"),
    _tug("no try", _tries(REFUSED, REFUSED), None, None, None),
    _tug("unable", {"tug_able": "unable"}, None, None, "unable"),
    # Times typed before somebody said “unable” are kept, and count no more.
    _tug("unable after all", {**_tries("9.0", "9.0"), "tug_able": "unable"}, None, None, "unable"),
    _tug("not tried", {"tug_able": REFUSED}, None, None, None),
)

_KNEE = {"rom_knee_act_left": 95, "rom_knee_act_right": 140}
_LAG = {"rom_lag_left": 10, "rom_lag_right": 0}


def _rom(name: str, side: Any, answers: Mapping[str, Any], **scores: str | None) -> Case:
    elsewhere = {"surgery_record": {"operated_side": side}} if side else {}
    return Case(f"rom: {name}", "range_of_movement", answers, scores, elsewhere)


# Deficit = the other side - the operated side; of an extension lag the other way round.
ROM = (
    _rom("left operated", "left", _KNEE, rom_knee_act_deficit="45"),  # 140 - 95
    _rom("right operated", "right", _KNEE, rom_knee_act_deficit="-45"),  # 95 - 140: more, not less
    _rom("lag on the left", "left", _LAG, rom_lag_deficit="10"),  # 10 - 0
    _rom("lag on the right", "right", _LAG, rom_lag_deficit="-10"),
    _rom("never operated on", None, _KNEE, rom_knee_act_deficit=None),
    _rom("side not known", Cell(missing="not_known"), _KNEE, rom_knee_act_deficit=None),
    _rom("one side missing", "left", _KNEE | {"rom_knee_act_right": REFUSED},
         rom_knee_act_deficit=None),
)  # fmt: skip

CASES = (*TESS, *MSTS, *LEFS, *TUG, *ROM)
