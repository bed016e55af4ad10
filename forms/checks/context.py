"""The context of every check: the study, its lines and the problems found so far."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from forms.definition import Cohort, Criterion, Factor, Instrument, Randomisation, Study
from forms.formulas import StudyNames
from forms.items import Item
from forms.problems import Problem
from forms.yaml_tree import Node, Path


@dataclass
class CheckContext:
    """The study being checked; `problem` notes a problem at the line of a path."""

    study: Study
    root: Node
    names: StudyNames
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, words: str) -> None:
        """Note a problem at the nearest line of the path."""
        node = self.root.at(path)
        self.problems.append(Problem(node.file, node.line, words))

    def require_known(self, path: Path, name: str, known: Iterable[str], what: str) -> None:
        """Note a problem when a name is not one of the known names."""
        options = sorted(known)
        if name not in options:
            listed = ", ".join(options[:12]) or "none"
            self.problem(path, f"there is no {what} `{name}`; there is {listed}")

    def require_unique(self, path: Path, names: Iterable[str], what: str) -> None:
        """Note a problem at each part of the list at the path that repeats an earlier name."""
        seen: set[str] = set()
        for index, name in enumerate(names):
            if name in seen:
                self.problem([*path, index], f"there are two {what} `{name}`; rename one")
            seen.add(name)


@dataclass(frozen=True, slots=True)
class PlacedItem:
    """An item with its instrument and the path to its lines."""

    instrument: Instrument
    item: Item
    path: tuple[str | int, ...]


def placed_items(study: Study) -> Iterator[PlacedItem]:
    """Yield every item of the study as laid out, with the path to it."""
    for instrument in study.instruments:
        for index, section in enumerate(instrument.sections):
            for item in section.items:
                path = ("instruments", instrument.name, "sections", index, "items", item.name)
                yield PlacedItem(instrument, item, path)


@dataclass(frozen=True, slots=True)
class Use:
    """One expression of the study: its place and its purpose.

    wants: a condition (true or false), or a value of any kind.
    calendar_only: `datediff` with its months of 30.44 days is refused here.
    home: the instrument it belongs to; None when it does not belong to one.
    item: the item that it shows, offers, checks or derives.
    """

    text: str
    path: tuple[str | int, ...]
    wants: str
    home: Instrument | None = None
    item: str | None = None
    calendar_only: bool = False
    is_check: bool = False


def uses(study: Study) -> Iterator[Use]:
    """Yield every expression of the study."""
    for instrument in study.instruments:
        for index, section in enumerate(instrument.sections):
            if section.show_if is not None:
                path = ("instruments", instrument.name, "sections", index, "show_if")
                for item in section.items:
                    yield Use(section.show_if, path, "condition", instrument, item.name)
    for placed in placed_items(study):
        yield from _of_item(placed)
    yield from _outside(study)


def _of_item(placed: PlacedItem) -> Iterator[Use]:
    for formula in placed.item.list_formulas():
        yield Use(
            formula.text,
            (*placed.path, *formula.place),
            "value" if formula.purpose == "formula" else "condition",
            placed.instrument,
            placed.item.name,
            calendar_only=formula.purpose == "rule",
            is_check=formula.purpose == "check",
        )


def _outside(study: Study) -> Iterator[Use]:
    for gate in study.gates:
        for criterion in gate.criteria:
            yield from _of_criterion(gate.name, criterion)
    for randomisation in study.randomisations:
        yield from _of_factors(randomisation, "strata", randomisation.strata)
        more = randomisation.minimisation_factors
        yield from _of_factors(randomisation, "minimisation_factors", more)
    for cohort in study.cohorts:
        yield from _of_cohort(cohort)
    for visit in study.visits:
        if visit.condition is not None:
            spot = ("visits", visit.slug, "condition")
            yield Use(visit.condition, spot, "condition", calendar_only=True)
    yield from _of_events(study)


def _of_factors(
    randomisation: Randomisation, kind: str, factors: Sequence[Factor]
) -> Iterator[Use]:
    for factor in factors:
        place = ("randomisations", randomisation.name, kind, factor.factor, "from")
        yield Use(factor.source, place, "value", calendar_only=True)


def _of_criterion(gate: str, criterion: Criterion) -> Iterator[Use]:
    path = ("gates", gate, "criteria", criterion.name)
    yield Use(criterion.holds, (*path, "holds"), "condition", calendar_only=True)
    for index, value in enumerate(criterion.values):
        yield Use(value.value, (*path, "values", index, "value"), "value", calendar_only=True)


def _of_cohort(cohort: Cohort) -> Iterator[Use]:
    path = ("cohorts", cohort.name)
    yield Use(cohort.when, (*path, "when"), "condition", calendar_only=True)
    for index, used in enumerate(cohort.evidence.values):
        spot = (*path, "evidence", "values", index, "value")
        yield Use(used.value, spot, "value", calendar_only=True)


def _of_events(study: Study) -> Iterator[Use]:
    for event in study.events:
        if event.when is not None:
            home = _home(study, event.date_item)
            yield Use(event.when, ("events", event.name, "when"), "condition", home)
    for endpoint in study.endpoints:
        for index, evaluable in enumerate(endpoint.evaluable):
            if evaluable.when is not None:
                path = ("endpoints", endpoint.name, "evaluable", index, "when")
                known = {instrument.name: instrument for instrument in study.instruments}
                yield Use(evaluable.when, path, "condition", known.get(evaluable.instrument))


def _home(study: Study, item: str) -> Instrument | None:
    return study.instrument_of(item) if item in study.item_names else None
