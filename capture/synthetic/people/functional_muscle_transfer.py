"""Invented people of the study of functional muscle transfer. They are simulated, each of them.

Group means follow the published ones [S19]: 24 people with a transfer and 10 without; parts of the
quadriceps removed 2.58 and 2.85; Gait Profile Score 8.04 and 10.2; TESS 81.85 and 71.17. Everything
else, the people never operated on and the way to recovery included, is a default of ours [D].
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from random import Random

from capture.synthetic.people.leanings import (
    Lean,
    Profile,
    Situation,
    Traits,
    days_before,
    decimal,
    number,
    one_of,
    whole,
)
from forms.expressions import Reference
from forms.values import Cell

WITH_TRANSFER, WITHOUT = 24, 10
TESS_MEAN = {"transfer": 81.85, "no_transfer": 71.17, "control": 95.0}
GPS_MEAN = {"transfer": 8.04, "no_transfer": 10.2, "control": 5.6}
COMPONENTS_MEAN = {"transfer": 2.58, "no_transfer": 2.85}
TUG_MEAN = {"transfer": 9.2, "no_transfer": 10.6, "control": 7.6}
KNEE_FLEXION = {"transfer": 118, "no_transfer": 112, "control": 138}
LAG = {"transfer": 4, "no_transfer": 9, "control": 0}
BEHIND: Mapping[str, float] = {"preoperative": 18, "serial_6m": 11, "serial_12m": 4}
"""How many points of TESS somebody is still behind, by visit; everything else follows from it."""
QUADRICEPS = ("rectus_femoris", "vastus_lateralis", "vastus_medialis", "vastus_intermedius")
NOT_APPLICABLE = {6: 0.08, 10: 0.08, 17: 0.1, 25: 0.2, 26: 0.25, 27: 0.3, 30: 0.08}
TASKS = ("slope", "shopping", "collision")
GRADES = ("m2", "m3", "m4_minus", "m4", "m4_plus", "m5")
_SIDES = ("left", "right")


def traits(random: Random) -> Traits:
    """How somebody takes part, what was done, which leg, and how able they are beside others."""
    route = random.choices(("after", "before", "unoperated"), (62, 18, 20))[0]
    transfer = random.choices(("transfer", "no_transfer"), (WITH_TRANSFER, WITHOUT))[0]
    return {
        "route": route,
        "group": "control" if route == "unoperated" else transfer,
        "side": random.choice(_SIDES),
        "serial": random.choices(("yes", "no"), (1, 1) if route == "after" else (9, 1))[0],
        # Three draws: near enough to a bell, and the same on every machine. Standard deviation 1.
        "ability": 2 * (random.random() + random.random() + random.random() - 1.5),
    }


def waits(people: Traits, visit: str) -> tuple[int, int] | None:
    """Return an operation still to come is put on record when people have recovered from it."""
    return (215, 300) if (people["route"], visit) == ("before", "operation") else None


def concerns(people: Traits, name: str) -> bool:
    """Return whether a further consent, a log or an event can be about these people."""
    if name == "serial":
        return people["serial"] == "yes" and people["route"] != "unoperated"
    if name == "treatment_withdrawal":
        return False  # the study gives no treatment
    return people["route"] != "unoperated" or name not in {"complications", "recurrence"}


def _group(now: Situation) -> str:
    return str(now.traits["group"])


def _ability(now: Situation) -> float:
    return float(now.traits["ability"])


def _behind(now: Situation) -> float:
    return BEHIND.get(now.scope.here.visit if now.scope.here else "", 0.0)


def _spread(now: Situation) -> float:
    """Between -1 and 1, mostly near 0."""
    return now.random.random() - now.random.random()


def _share(now: Situation) -> float:
    """Return the part of all points that somebody reaches, as TESS counts them."""
    points = TESS_MEAN[_group(now)] + 7 * _ability(now) - _behind(now)
    return min(max(points, 4), 99) / 100


def _points(now: Situation, most: int, share: float) -> int:
    """Points of one item: each of them reached with the same chance, so that means come out."""
    return sum(now.random.random() < share for _ in range(most))


def _tess(number_of_item: int) -> Lean:
    def lean(now: Situation) -> Cell:
        if now.random.random() < NOT_APPLICABLE.get(number_of_item, 0.02):
            return Cell("na")
        return Cell(str(1 + _points(now, 4, _share(now))))

    return lean


def _lefs(now: Situation) -> Cell:
    return Cell(str(_points(now, 4, _share(now) * 0.92)))


def _msts(now: Situation) -> Cell:
    return Cell(str(_points(now, 5, _share(now))))


def _gps(now: Situation) -> Cell:
    score = GPS_MEAN[_group(now)] - 0.9 * _ability(now) + _behind(now) / 6 + 0.8 * _spread(now)
    return decimal(round(10 * max(score, 3)), 1)


def _tug(now: Situation) -> Cell:
    seconds = TUG_MEAN[_group(now)] - _ability(now) + _behind(now) / 5 + 0.6 * _spread(now)
    return decimal(round(10 * max(seconds, 5)), 1)


def _is_operated(now: Situation, side: str) -> bool:
    return now.traits["route"] != "unoperated" and now.traits["side"] == side


def _angle(sound: int, operated: Mapping[str, int], side: str) -> Lean:
    def lean(now: Situation) -> Cell:
        mean = operated[_group(now)] if _is_operated(now, side) else sound
        return Cell(round(mean + 4 * _spread(now)))

    return lean


def _lag(side: str) -> Lean:
    def lean(now: Situation) -> Cell:
        mean = LAG[_group(now)] + _behind(now) / 4 if _is_operated(now, side) else 0
        return Cell(max(0, round(mean - 2 * _ability(now))) if mean else 0)

    return lean


def _grade(muscles: str, side: str) -> Lean:
    def lean(now: Situation) -> Cell:
        if not _is_operated(now, side) or not muscles.startswith(("knee", "hip_flex")):
            return Cell("m5")
        level = (3.6 if _group(now) == "transfer" else 2.2) + _ability(now) - _behind(now) / 12
        return Cell(GRADES[min(max(round(level), 0), len(GRADES) - 1)])

    return lean


def _surgery_date(now: Situation) -> Cell:
    if now.traits["route"] != "before":
        return days_before(200, 3_400)(now)
    asked = now.scope.value(Reference("leg_state_date", "enrolment"))
    day = date.fromisoformat(asked) if isinstance(asked, str) else now.day - timedelta(230)
    return Cell((day + timedelta(now.random.randint(7, 28))).isoformat())


def _muscles(now: Situation) -> Cell:
    share = COMPONENTS_MEAN.get(_group(now), 0) / len(QUADRICEPS)
    lost = tuple(name for name in QUADRICEPS if now.random.random() < share)
    return Cell(lost or ("hamstrings",))


def _nerves(now: Situation) -> Cell:
    return Cell((now.random.choice(("none", "none", "none", "femoral")),))


def _components(now: Situation) -> Cell:
    cell = now.scope.cell(Reference("muscles_resected"))
    ticked = cell.value if cell is not None and isinstance(cell.value, tuple) else ()
    return Cell(len([name for name in ticked if name in QUADRICEPS]))


def _trait(name: str) -> Lean:
    return lambda now: Cell(str(now.traits[name]))


def _answer_transfer(now: Situation) -> Cell:
    return Cell("yes" if _group(now) == "transfer" else "no")


def _task(now: Situation) -> Cell:
    return Cell(TASKS[(now.scope.here.instance - 1) % len(TASKS)] if now.scope.here else TASKS[0])


def _speed_change(now: Situation) -> Cell:
    return decimal(round(-120 + 40 * _ability(now) - 6 * _behind(now) + 60 * _spread(now)), 1)


def _speed(now: Situation) -> Cell:
    return decimal(round(115 + 10 * _ability(now) - 2 * _behind(now) + 8 * _spread(now)), 2)


def _pain(now: Situation) -> Cell:
    return Cell(_points(now, 10, max(0.02, 0.55 * (1 - _share(now)))))


LEANINGS: Mapping[str, Lean] = {
    "height_cm": number(1_520, 1_920, 1),
    "weight_kg": number(520, 1_080, 1),
    "entry_route": _trait("route"),
    "serial_agreed": _trait("serial"),
    "walks_now": one_of({"yes": 97, "no": 3}),
    "legs_operated": one_of({"no": 97, "yes": 3}),
    "neuromuscular": one_of({"no": 96, "yes": 3, "nk": 1}),
    "surgery_date": _surgery_date,
    "surgery_note_seen": one_of({"yes": 98, "no": 2}),
    "surgery_for": one_of({"sarcoma": 86, "trauma": 13, "other": 1}),
    "operated_side": _trait("side"),
    "tumour_size_mm": whole(35, 190),
    "surgery_margin": one_of({"r0": 82, "r1": 17, "r2": 1}),
    "resection_extent": one_of({"major": 98, "minor": 2}),
    "muscles_resected": _muscles,
    "components_resected": _components,
    "nerves_sacrificed": _nerves,
    "defect_cm2": whole(40, 320),
    "functional_transfer": _answer_transfer,
    "donor_muscle": one_of({"latissimus": 4, "biceps_femoris": 3, "gracilis": 2}),
    "leg_radiotherapy": one_of({"yes": 64, "no": 36}),
    "leg_rt_dose_gy": number(500, 660, 1),
    "rehab_complete": one_of({"yes": 97, "no": 3}),
    "walks_after": one_of({"yes": 98, "no": 2}),
    "leg_amputated": one_of({"no": 99, "yes": 1}),
    "recurrence_active": one_of({"no": 97, "yes": 2, "nk": 1}),
    "assessor_masked": one_of({"yes": 60, "no": 40}),
    "usual_aid": one_of({"none": 80, "stick": 14, "two": 4, "brace": 2}),
    "falls": lambda now: Cell(now.random.choice((0, 0, 0, 0, 0, 1, 1, 2))),
    **{f"tess_{item}": _tess(item) for item in range(1, 31)},
    **{f"lefs_{item}": _lefs for item in range(1, 21)},
    **{
        f"msts_{aspect}": _msts
        for aspect in ("pain", "function", "acceptance", "supports", "walking", "gait")
    },
    "tess_by": one_of({"self": 92, "helped": 7, "proxy": 1}),
    "lefs_by": one_of({"self": 92, "helped": 7, "proxy": 1}),
    "pain_rest": _pain,
    "pain_walking": _pain,
    "tug_able": one_of({"done": 97, "unable": 3}),
    "tug_aid": one_of({"none": 84, "stick": 14, "two": 2}),
    "tug_first_s": _tug,
    "tug_second_s": _tug,
    **{
        f"rom_knee_{kind}_{side}": _angle(140, KNEE_FLEXION, side)
        for kind in ("act", "pas")
        for side in _SIDES
    },
    **{f"rom_lag_{side}": _lag(side) for side in _SIDES},
    **{f"rom_hip_{kind}_{side}": whole(100, 122) for kind in ("act", "pas") for side in _SIDES},
    **{f"rom_ankle_{kind}_{side}": whole(12, 24) for kind in ("act", "pas") for side in _SIDES},
    **{
        f"mrc_{muscles}_{side}": _grade(muscles, side)
        for muscles in (
            "hip_flex",
            "hip_ext",
            "hip_abd",
            "knee_flex",
            "knee_ext",
            "ankle_df",
            "ankle_pf",
        )
        for side in _SIDES
    },
    **{f"gps_{part}": _gps for part in ("overall", *_SIDES)},
    **{f"gvs_pelvis_{part}": number(20, 80, 1) for part in ("tilt", "obliq", "rot")},
    **{
        f"gvs_{part}_{side}": number(40, 140, 1)
        for part in ("hip_flex", "hip_abd", "hip_rot", "knee_flex", "ankle_df", "foot_prog")
        for side in _SIDES
    },
    "gait_speed": _speed,
    **{f"gait_step_{side}": number(520, 720, 1) for side in _SIDES},
    "gait_cadence": number(950, 1_180, 1),
    "sim_task": _task,
    "sim_completed": one_of({"yes": 92, "no": 8}),
    "sim_speed_change": _speed_change,
    "sim_aid": one_of({"none": 84, "stick": 14, "two": 2}),
    "comp_kind": one_of({"wound": 30, "seroma": 25, "infection": 20, "fall": 15, "revision": 10}),
    "comp_grade": one_of({"1": 50, "2": 30, "3": 20}),
    "comp_serious": one_of({"no": 85, "yes": 15}),
    "comp_related": one_of({"no": 97, "yes": 3}),
}

MUSCLE_TRANSFER = Profile(
    leanings=LEANINGS,
    traits=traits,
    instances={"simulator_tasks": len(TASKS)},
    waits=waits,
    concerns=concerns,
)
