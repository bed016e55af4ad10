"""Studies like the one of tests.support.asked, with conditions and formulas drawn by chance."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random

from forms.values import Cell
from tests.support.asked import HABITS_YAML, LATER_YAML, SITES_YAML, STUDY_YAML

CODES, NUMBERS, BOXES = ("smokes", "drinks"), ("packs", "glasses"), ("tried",)
DERIVED = ("sum_a", "sum_b")
ASKED_ITEMS = (*CODES, *NUMBERS, *BOXES, "quit_on", "kind", "note")
BODIES = {
    "smokes": "type: yes_no_nk, label: Smokes",
    "drinks": "type: yes_no_nk, label: Drinks, required: true",
    "packs": "type: integer, label: Packs",
    "glasses": "type: integer, label: Glasses",
    "tried": "type: multiple_choice, label: Tried, choices: "
    "[{code: gum, label: Gum}, {code: patch, label: Patch}]",
    "quit_on": "type: date, label: Stopped on",
    "note": "type: text, label: Note",
    "sum_a": "type: derived, label: First sum, result: number",
    "sum_b": "type: derived, label: Second sum, result: number",
}
FACTS = (
    "allocation.arm = 'PATCH'",
    "consent.in_force('main', today)",
    "participant.status = 'enrolled'",
    "days_from('2026-03-01', today) > 10",
)


def draw_study(seed: int) -> dict[str, bytes]:
    """The files of a study, `drawn-<seed>`, that `study check` accepts."""
    random = Random(seed)  # noqa: S311  (a drawn study)
    order = [*ASKED_ITEMS, *DERIVED]
    random.shuffle(order)
    lines = [_draw_item(random, name, order[:place]) for place, name in enumerate(order)]
    known = [*CODES, *NUMBERS, *BOXES, *DERIVED]
    plan = STUDY_YAML.replace("slug: asked-demo", f"slug: drawn-{seed}")
    for old in ('condition: "[baseline][packs] >= 1"', 'holds: "[baseline][packs] >= 1"'):
        key = old.partition(":")[0]
        plan = plan.replace(old, f'{key}: "{draw_condition(random, known, "[baseline]")}"')
    head, _, _ = HABITS_YAML.partition("      - {name: smokes")
    texts = {
        "study.yaml": plan,
        "instruments/habits.yaml": head + "".join(lines),
        "instruments/later.yaml": _draw_later(random, known),
        "sites.yaml": SITES_YAML,
    }
    return {path: text.encode() for path, text in texts.items()}


def _draw_item(random: Random, name: str, earlier: Sequence[str]) -> str:
    shown = ""
    if earlier and random.random() < 0.6 and (condition := draw_condition(random, earlier)):
        shown = f', show_if: "{condition}"'
    if name == "kind":
        when = draw_condition(random, earlier)
        offered = f', when: "{when}"' if when else ""
        return (
            f"      - {{name: kind, type: single_choice, label: Kind{shown}, choices: "
            f"[{{code: rolled, label: Rolled{offered}}}, {{code: pipe, label: Pipe}}, "
            "{code: none, label: None}]}\n"
        )
    formula = f', formula: "{_draw_sum(random, earlier)}"' if name in DERIVED else ""
    return f"      - {{name: {name}, {BODIES[name]}{shown}{formula}}}\n"


def _draw_later(random: Random, known: Sequence[str]) -> str:
    head, _, _ = LATER_YAML.partition("      - {name: cough,")
    outside = draw_condition(random, known, "[baseline]")
    fact, other = random.choice(FACTS), random.choice(FACTS)
    return (
        f'{head}      - {{name: cough, type: yes_no_nk, label: Cough, show_if: "{outside}"}}\n'
        f'      - {{name: mood, type: integer, label: Mood, show_if: "{fact}"}}\n'
        f'      - {{name: sleep, type: integer, label: Sleep, show_if: "[mood] > 2 or {other}"}}\n'
        "      - {name: total, type: derived, label: Total, result: number, "
        f'formula: "sum([mood], [sleep], {_draw_sum(random, known, "[baseline]")})"}}\n'
        "      - {name: before, type: derived, label: Before, result: number, "
        'formula: "[previous-event-name][total] + [mood]"}\n'
    )


def draw_condition(random: Random, earlier: Sequence[str], place: str = "") -> str:
    """A condition about earlier items; blank where none of them can be compared."""
    known = [name for name in earlier if name in (*CODES, *NUMBERS, *BOXES, *DERIVED)]
    if not known:
        return ""
    parts = [_draw_comparison(random, random.choice(known), place)]
    if random.random() < 0.3:
        parts.append(_draw_comparison(random, random.choice(known), place))
    return random.choice([" and ", " or "]).join(parts)


def _draw_comparison(random: Random, name: str, place: str) -> str:
    if name in CODES:
        return f"{place}[{name}] {random.choice(['=', '<>'])} '{random.choice(['yes', 'no'])}'"
    if name in BOXES:
        return f"{place}[{name}({random.choice(['gum', 'patch'])})] {random.choice(['=', '<>'])} 1"
    if random.random() < 0.3:
        return f"{place}[{name}] {random.choice(['=', '<>'])} ''"
    return f"{place}[{name}] {random.choice(['<', '>='])} {random.randint(1, 4)}"


def _draw_sum(random: Random, earlier: Sequence[str], place: str = "") -> str:
    terms = [f"{place}[{name}]" for name in earlier if name in (*NUMBERS, *DERIVED)]
    terms += [f"{place}[tried(gum)]", f"{place}[tried(patch)]"] if "tried" in earlier else []
    chosen = random.sample(terms, min(len(terms), 2))
    return random.choice([" + ", " * "]).join(chosen) if chosen else "2"


def draw_answers(random: Random) -> dict[str, Cell]:
    """Answers to every item of the first form, asked or not."""
    draws: Mapping[str, Callable[[], Cell]] = {
        **dict.fromkeys(CODES, lambda: Cell(random.choice(["yes", "no", "nk"]))),
        **dict.fromkeys(NUMBERS, lambda: Cell(random.randint(0, 5))),
        "tried": lambda: Cell(random.choice([("gum",), ("patch",), ("gum", "patch")])),
        "quit_on": lambda: Cell(f"2026-02-{random.randint(1, 28):02d}"),
        "kind": lambda: Cell(random.choice(["rolled", "pipe", "none"])),
        "note": lambda: Cell("As told"),
    }
    return {
        name: Cell(missing="refused") if random.random() < 0.08 else draw()
        for name, draw in draws.items()
    }
