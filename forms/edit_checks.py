"""Checks of an entry: shown items, blank items, values to confirm and derived values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256

from forms.definition import Check, Derived, Instrument, Rule, shown_when
from forms.evaluation_scope import Cells, StudyScope
from forms.expressions import UNKNOWN, Value, references
from forms.expressions.numbers import read_number
from forms.formulas import holds, parse_formula, three_valued, two_valued
from forms.items import Item
from forms.values import REDACTED, Cell
from forms.values.numbers import plain


class FindingKind(StrEnum):
    """Why a value must be confirmed."""

    RANGE = "range"
    CHECK = "check"
    HIDDEN = "hidden"
    CHOICE = "choice"
    COHORT = "cohort"


@dataclass(frozen=True, slots=True)
class Finding:
    """A value that is kept but must be confirmed or corrected.

    key: names the question and its values; an answer given for a key holds until one of these
    values changes, because the key then changes too.
    """

    item: str
    kind: FindingKind
    message: str
    key: str

    @property
    def is_confirmable(self) -> bool:
        """Whether a tick settles it: none makes an answer count that is not asked."""
        return self.kind not in (FindingKind.HIDDEN, FindingKind.CHOICE)


@dataclass(frozen=True, slots=True)
class JudgedAnswers:
    """What of an entry's answers counts, worked out together with its derived items.

    cells: everything to be stored, derived cells among it. answers: those of them that count.
    shown: the names of the items now asked, grids, their rows and statements included.
    not_asked: items that hold an answer though they are not asked, or not offered it, in order.
    """

    cells: Cells
    answers: Cells
    shown: frozenset[str]
    not_asked: tuple[str, ...]


def judge_answers(instrument: Instrument, cells: Cells, scope: StudyScope) -> JudgedAnswers:
    """Work out which items are asked, which answers count, and every derived item.

    cells: the values of this entry, saved or not; derived ones among them are ignored and replaced.
    scope stands at this entry. An answer that is not asked is blank to everything that reads it, so
    a condition may rest on items whose own being asked rests on others; `study check` proved that
    nothing rests on itself, so as many rounds as there are items settle them all.
    """
    items, then = instrument.value_items, scope.for_formulas()
    derivations = [item.derivation for item in items.values() if item.derivation is not None]
    entered = {name: cell for name, cell in cells.items() if not _is_derived(instrument, name)}
    judged = JudgedAnswers(entered, entered, frozenset(), ())
    for _ in range(len(items) + 2):
        latest = _judge_once(instrument, entered, derivations, then.with_cells(judged.answers))
        is_settled = latest.answers == judged.answers
        judged = latest
        if is_settled:
            break
    return judged


def _judge_once(
    instrument: Instrument, entered: Cells, derivations: Sequence[Derived], here: StudyScope
) -> JudgedAnswers:
    shown = _find_shown(instrument, here)
    not_asked = tuple(
        name
        for name, item in instrument.value_items.items()
        if name in entered and not _counts(item, entered[name], shown, here)
    )
    worked_out = _round([item for item in derivations if item.name in shown], here)
    asked = {name: cell for name, cell in entered.items() if name not in not_asked}
    return JudgedAnswers({**entered, **worked_out}, {**asked, **worked_out}, shown, not_asked)


def _counts(item: Item, cell: Cell, shown: frozenset[str], here: StudyScope) -> bool:
    if item.name not in shown:
        return False
    return cell.value is None or item.is_offered(cell, lambda text: holds(text, here))


def _is_derived(instrument: Instrument, name: str) -> bool:
    return name in instrument.value_items and instrument.value_items[name].is_derived


def _find_shown(instrument: Instrument, here: StudyScope) -> frozenset[str]:
    return frozenset(
        name
        for section in instrument.sections
        for item in section.items
        if all(holds(text, here) for text in shown_when(section, item))
        for name in item.names
    )


def shown_items(instrument: Instrument, cells: Cells, scope: StudyScope) -> frozenset[str]:
    """Give the names of the items now shown (see `judge_answers`)."""
    return judge_answers(instrument, cells, scope).shown


def required_blank(instrument: Instrument, judged: JudgedAnswers) -> tuple[str, ...]:
    """Give the required items that are shown and have neither a value nor a reason, in order."""
    return tuple(
        name
        for name, item in instrument.value_items.items()
        if item.required
        and name in judged.shown
        and name not in judged.cells
        and not item.is_derived
    )


def findings(instrument: Instrument, judged: JudgedAnswers, scope: StudyScope) -> list[Finding]:
    """Give everything odd about an entry, in page order; hard limits were refused before.

    Values outside a soft range, checks that fire, answers that are not asked or not offered.
    scope stands at the entry; checks read in it what counts, and keep the site's today.
    """
    here, cells = scope.with_cells(judged.answers), judged.answers
    found: list[Finding] = []
    for name, item in instrument.value_items.items():
        if name in judged.not_asked:
            found.extend(_of_not_asked(item, judged))
        if name in judged.shown:
            found.extend(_of_value(item, cells.get(name)))
            found.extend(_of_checks(item, cells, here))
    for item in instrument.items:
        is_looked_over = item.name in instrument.value_items
        if item.is_answered and not is_looked_over and item.name in judged.shown:
            found.extend(_of_checks(item, cells, here))
    return found


def _of_not_asked(item: Item, judged: JudgedAnswers) -> Iterator[Finding]:
    """Nobody can clear a redacted value, so nobody is asked to."""
    cell = judged.cells[item.name]
    if cell.missing == REDACTED:
        return
    kind = FindingKind.CHOICE if item.name in judged.shown else FindingKind.HIDDEN
    words = f"{item.label}: {_NOT_ASKED[kind]}"
    yield Finding(item.name, kind, words, _key(item.name, kind.value, [cell]))


_NOT_ASKED = {
    FindingKind.HIDDEN: "this is no longer asked, so the stored answer is not used. "
    "Clear it, or correct the answer it depends on.",
    FindingKind.CHOICE: "this answer is not offered with the other answers, so it is not used. "
    "Correct it, or correct the answer it depends on.",
}


def _of_value(item: Item, cell: Cell | None) -> list[Finding]:
    if cell is None or cell.value is None:
        return []
    doubt = item.find_doubt(cell)
    if doubt is None:
        return []
    key = _key(item.name, doubt.question, [cell])
    return [Finding(item.name, FindingKind(doubt.question), doubt.words, key)]


def _of_checks(item: Item, cells: Cells, scope: StudyScope) -> list[Finding]:
    return [
        Finding(item.name, FindingKind.CHECK, check.message, _check_key(item, check, cells, scope))
        for check in item.checks
        if holds(check.when, scope)
    ]


def _check_key(item: Item, check: Check, cells: Cells, scope: StudyScope) -> str:
    looked_at = [scope.cell(reference) for reference in references(parse_formula(check.when))]
    return _key(item.name, check.name, [cells.get(item.name), *looked_at])


def _key(item: str, question: str, cells: Sequence[Cell | None]) -> str:
    values = [None if cell is None else cell.to_json() for cell in cells]
    digest = sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()
    return f"{item}:{question}:{digest[:16]}"


def derive(instrument: Instrument, cells: Cells, scope: StudyScope) -> dict[str, Cell]:
    """Return the derived items of an entry; one that cannot be derived has no cell in the result.

    cells: the values of this entry; derived ones among them are ignored and replaced.
    Each cell has the version of its formula and, for rules, the clause that fired.
    """
    judged = judge_answers(instrument, cells, scope).answers
    return {name: cell for name, cell in judged.items() if _is_derived(instrument, name)}


def _round(items: Sequence[Derived], scope: StudyScope) -> dict[str, Cell]:
    cells = {item.name: derive_item(item, scope) for item in items}
    return {name: cell for name, cell in cells.items() if cell is not None}


def derive_item(item: Derived, scope: StudyScope) -> Cell | None:
    """Return the value of a derived item; None if a value it needs is blank, missing or unknown."""
    version = formula_version(item)
    if item.formula is not None:
        text = _result(item, two_valued(item.formula, scope))
        return None if text is None else Cell(text, formula=version)
    rule = find_deciding_rule(item, scope)
    if rule is None:
        return None
    code, name = (item.otherwise, None) if isinstance(rule, str) else (rule.value, rule.name)
    return None if code is None else Cell(code, formula=version, rule=name or "otherwise")


def find_deciding_rule(item: Derived, scope: StudyScope) -> Rule | str | None:
    """Return the clause that decides: `otherwise` when none holds, None when it is unknown.

    An unknown clause leaves the result unknown unless every later outcome is the same.
    """
    open_values: set[str | None] = set()
    for rule in item.rules:
        truth = three_valued(rule.when, scope)
        if truth is UNKNOWN:
            open_values.add(rule.value)
        elif truth and open_values <= {rule.value}:
            return rule
        elif truth:
            return None
    return "otherwise" if open_values <= {item.otherwise} else None


@lru_cache(maxsize=4096)
def formula_version(item: Derived) -> str:
    """Return the version of an item's formula: 12 characters of the hash of all that it uses."""
    said = item.model_dump(include={"formula", "rules", "otherwise", "decimals", "result"})
    rules = [[rule["name"], rule["when"], rule["value"]] for rule in said.pop("rules")]
    return sha256(json.dumps([said, rules], sort_keys=True).encode()).hexdigest()[:12]


def _result(item: Derived, value: Value) -> str | None:
    if isinstance(value, bool):
        value = 1.0 if value else 0.0
    if isinstance(value, str) and item.result == "number":
        value = read_number(value)  # a decimal that is passed on without calculation
    if isinstance(value, float):
        return round_half_away(value, item.decimals)
    return value if isinstance(value, str) and value else None


def round_half_away(number: float, decimals: int) -> str:
    """Return a double as text, rounded half away from zero on its shortest decimal text."""
    exact = Decimal(repr(number))
    if exact.adjusted() + decimals > 25:
        return plain(exact)
    return plain(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP))
