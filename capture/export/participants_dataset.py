"""The dataset `participants`: a row per participant and randomisation, cohort, key dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from capture.export import columns as kinds
from capture.export.columns import Dataset, DatasetColumn, unique
from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ALLOCATION, ParticipantRecord
from capture.ledger.fold import StateRow
from capture.participants.event_kinds import COHORT, ENROLMENT, SCREENING, dose
from capture.participants.reasons import AGE_BANDS, NOT_ENROLLED
from capture.visibility.datasets import DatasetViewer
from forms.definition import BUILT_IN_EVENTS, Randomisation
from forms.partial_dates import parse_iso

NAME = "participants"
STATUSES = {"screened": "Screened", "not_enrolled": "Not enrolled", "enrolled": "Enrolled"}
STATES = {
    "on_study": "Taking part",
    "withdrawn": "Withdrawn",
    "lost": "Lost to follow-up",
    "died": "Died",
}
OWN_COLUMNS = {SCREENING: "screened_on", ENROLMENT: "enrolled_on"}
"""Events whose date has a column of its own."""


@dataclass(frozen=True)
class PersonRow:
    """A participant and one randomisation of the study; None in a study without any."""

    case: ParticipantRecord
    randomisation: str | None
    allocation: StateRow | None


Made: TypeAlias = DatasetColumn[PersonRow]
Take: TypeAlias = Callable[[PersonRow], Any]


def people_dataset(union: MergedDefinition, viewer: DatasetViewer) -> Dataset[PersonRow]:
    """Everybody screened, once for each randomisation of the study, allocated or not."""
    names = _randomisations(union)

    def rows(case: ParticipantRecord) -> Iterable[PersonRow]:
        made = {allocation["randomisation"]: allocation for allocation in case.allocations}
        for name in names or [None]:
            yield PersonRow(case, name, made.get(name))

    drawn = _allocation(union, viewer) if names else ()
    own = (*_who(), *drawn, *_cohort(union, viewer))
    more = (*_consents(union), *_strata(union, viewer), *_events(union, viewer))
    columns = (*own, *unique(more, [one.name for one in own], ()))
    title = "Participants and randomisations" if names else "Participants"
    return Dataset(NAME, title, columns, rows)


def event_column(kind: str) -> str:
    """The column of this dataset that holds the date of an event."""
    if kind.startswith(ALLOCATION):
        return "allocated_on"
    return OWN_COLUMNS.get(kind, f"{kind.replace('.', '_')}_date")


def identity(site: Callable[[Any], Any] | None = None) -> Iterator[DatasetColumn[Any]]:
    """The columns that every dataset of participants begins with; rows hold a `case`.

    site: where what the row tells was; without it where the person is.
    """
    yield DatasetColumn("study", "Study", kinds.TEXT, _of_person("study"))
    yield DatasetColumn("site", "Site", kinds.TEXT, site or _of_person("site"))
    for name, label in (
        ("site_recruited", "Site that recruited"),
        ("participant_number", "Participant number"),
        ("screening_number", "Screening number"),
    ):
        yield DatasetColumn(name, label, kinds.TEXT, _of_person(name))


def _who() -> Iterator[Made]:
    yield from identity()
    yield DatasetColumn("episode", "Episode of screening", kinds.WHOLE, _of_person("episode"))
    yield DatasetColumn("status", "Status", kinds.TEXT, _of_person("status"), codes=STATUSES)
    yield DatasetColumn("state", "Taking part", kinds.TEXT, _of_person("state"), codes=STATES)
    band = _of_person("age_band")
    yield DatasetColumn("age_band", "Age band at screening", kinds.TEXT, band, codes=AGE_BANDS)
    yield DatasetColumn("screened_on", "Screened on", kinds.DATE, _of_person("screened_on"))
    yield DatasetColumn("enrolled_on", "Enrolled on", kinds.DATE, _of_person("enrolled_on"))
    yield DatasetColumn(
        "reason_not_enrolled",
        "Why not enrolled",
        kinds.TEXT,
        _of_person("reason_not_enrolled"),
        codes=NOT_ENROLLED,
    )


def _consents(union: MergedDefinition) -> Iterator[Made]:
    """Per scope: whether consent stands, the version and date of the last event about it."""
    for scope in union.newest.consents:
        name, title = f"consent_{scope.name}", f"Consent ({scope.title})"
        last = _last_consent(scope.name)
        kinds_of_event = {"given": "Given", "regiven": "Given again", "withdrawn": "Withdrawn"}
        yield DatasetColumn(name, title, kinds.TEXT, _of(last, "kind"), codes=kinds_of_event)
        yield DatasetColumn(
            f"{name}_version", f"{title}: version", kinds.TEXT, _of(last, "version")
        )
        yield DatasetColumn(f"{name}_on", f"{title}: date", kinds.DATE, _of(last, "date"))


def _allocation(union: MergedDefinition, viewer: DatasetViewer) -> Iterator[Made]:
    titles = {one.name: one.title for one in _declared(union)}
    made = _allocated
    yield DatasetColumn(
        "randomisation", "Randomisation", kinds.TEXT, lambda row: row.randomisation, codes=titles
    )
    yield DatasetColumn(
        "is_allocated", "Allocated", kinds.TRUTH, lambda row: row.allocation is not None
    )
    yield DatasetColumn(
        "allocation_number", "Number of the allocation", kinds.WHOLE, _of(made, "number")
    )
    yield DatasetColumn("allocated_at", "Allocated (instant)", kinds.INSTANT, _of(made, "at"))
    yield DatasetColumn(
        "allocated_on", "Allocated (date at the site)", kinds.DATE, _of(made, "local_date")
    )
    if viewer.sees_arms:
        labels = {arm.arm: arm.label for one in _ever(union) for arm in one.arms}
        yield from _arm("arm", "Arm allocated", _of(made, "arm"), labels)
        yield from _questions(union)
    yield from _error(viewer)


def _arm(name: str, title: str, take: Take, labels: Mapping[str, str]) -> Iterator[Made]:
    """An arm and its label."""
    yield DatasetColumn(name, title, kinds.TEXT, take, codes=labels)
    yield DatasetColumn(
        f"{name}_lbl",
        f"{title}: label",
        kinds.TEXT,
        lambda row: labels.get(take(row)),
        follows=True,
    )


def _questions(union: MergedDefinition) -> Iterator[Made]:
    """Beside the product arm of a factorial randomisation, the arm of each of its questions."""
    titles: dict[str, str] = {}
    labels: dict[str, dict[str, str]] = {}
    for one in _ever(union):
        for question in one.factorial:
            titles[question.question] = question.title
            known = labels.setdefault(question.question, {})
            known.update({arm.arm: arm.label for arm in question.arms})
    for name, title in titles.items():
        yield from _arm(f"arm_{name}", f"Arm allocated, {title}", _part(union, name), labels[name])


def _part(union: MergedDefinition, question: str) -> Take:
    """The arm of one question, by the version that has the product arm."""
    parts = {
        (one.name, arm.arm): one.by_question(arm.arm)[question].arm
        for one in _ever(union)
        for arm in one.arms
        if question in one.by_question(arm.arm)
    }

    def part(row: PersonRow) -> str | None:
        made = row.allocation
        return None if made is None else parts.get((made["randomisation"], made["arm"]))

    return part


def _cohort(union: MergedDefinition, viewer: DatasetViewer) -> Iterator[Made]:
    """The recorded cohort with its evidence; nothing for who may not see it."""
    titles = {
        cohort.name: cohort.title
        for version in reversed(union.versions)
        for cohort in version.cohorts
    }
    if not titles or not viewer.sees_arms:
        return
    name, label = _of(_recorded_cohort, "value"), "Cohort, by evidence"
    yield DatasetColumn("cohort", label, kinds.TEXT, name, codes=titles)
    yield DatasetColumn(
        "cohort_lbl", f"{label}: label", kinds.TEXT, lambda row: titles.get(name(row)), follows=True
    )
    yield DatasetColumn("cohort_on", f"{label}: date", kinds.DATE, _of(_recorded_cohort, "date"))
    yield DatasetColumn(
        "cohort_evidence",
        f"{label}: where it is documented",
        kinds.TEXT,
        _documented,
        is_free=True,
    )


def _recorded_cohort(row: PersonRow) -> StateRow | None:
    found = [fact for fact in row.case.facts if fact["kind"] == COHORT]
    return found[-1] if found else None


def _documented(row: PersonRow) -> str | None:
    """Where the cohort is documented; what was redacted is no text any more."""
    fact = _recorded_cohort(row)
    where = None if fact is None else fact["detail"].get("where_documented")
    return where if isinstance(where, str) and where else None


def _error(viewer: DatasetViewer) -> Iterator[Made]:
    """Randomised in error: the row stays and is flagged; the words may name an arm."""
    yield DatasetColumn(
        "in_error",
        "Randomised in error",
        kinds.TRUTH,
        lambda row: None if row.allocation is None else row.allocation["annotation"] is not None,
    )
    yield DatasetColumn(
        "in_error_kind", "Randomised in error: what", kinds.TEXT, _of(_note, "mistake")
    )
    if viewer.sees_arms:
        yield DatasetColumn(
            "in_error_reason",
            "Randomised in error: in words",
            kinds.TEXT,
            _of(_note, "reason"),
            is_free=True,
        )


def _strata(union: MergedDefinition, viewer: DatasetViewer) -> Iterator[Made]:
    """The level of each factor as it was used, and as it should have been if corrected."""
    labels: dict[str, str] = {}
    for one in _declared(union):
        for factor in one.factors:
            if viewer.shows_formula(factor.source):
                labels.setdefault(factor.factor, factor.label or factor.factor)
    for name, label in labels.items():
        yield DatasetColumn(
            f"stratum_{name}", f"{label} as used", kinds.TEXT, _level(name, "levels")
        )
        yield DatasetColumn(
            f"stratum_{name}_corrected",
            f"{label} as corrected",
            kinds.TEXT,
            _level(name, "levels_corrected"),
        )


def _events(union: MergedDefinition, viewer: DatasetViewer) -> Iterator[Made]:
    """The first date of each event; its day may be unknown, so bounds stand beside it."""
    titles = {event.name: event.title for version in union.versions for event in version.events}
    parts = [part for version in reversed(union.versions) for part in version.dose_finding]
    titles |= {dose(part.name): f"Registered, {part.title}" for part in parts}
    doses = (dose(part.name) for part in parts)
    for name in dict.fromkeys((*BUILT_IN_EVENTS, *union.event_items, *doses)):
        if name in OWN_COLUMNS or not viewer.shows_event(name):
            continue
        label = titles.get(name, name.replace("_", " ").capitalize())
        take, stem = _first_date(name), name.replace(".", "_")
        yield DatasetColumn(f"{stem}_date", f"{label}: date", kinds.TEXT, take)
        for end in ("earliest", "latest"):
            yield DatasetColumn(
                f"{stem}_{end}",
                f"{label}: {end} possible day",
                kinds.DATE,
                _bound(take, end),
                follows=True,
            )


def _declared(union: MergedDefinition) -> Iterator[Randomisation]:
    seen: set[str] = set()
    for version in union.versions:
        for randomisation in version.randomisations:
            if randomisation.name not in seen:
                seen.add(randomisation.name)
                yield randomisation


def _ever(union: MergedDefinition) -> Iterator[Randomisation]:
    """Every randomisation of every version, oldest first, so that the newest words win."""
    for version in reversed(union.versions):
        yield from version.randomisations


def _randomisations(union: MergedDefinition) -> list[str | None]:
    return [one.name for one in _declared(union)]


def _of_person(name: str) -> Callable[[Any], Any]:
    return lambda row: row.case.person[name]


def _of(part: Callable[[PersonRow], Mapping[str, Any] | None], name: str) -> Take:
    def take(row: PersonRow) -> Any:
        found = part(row)
        return None if found is None else found[name]

    return take


def _allocated(row: PersonRow) -> StateRow | None:
    return row.allocation


def _note(row: PersonRow) -> Mapping[str, Any] | None:
    return None if row.allocation is None else row.allocation["annotation"]


def _last_consent(scope: str) -> Callable[[PersonRow], StateRow | None]:
    def last(row: PersonRow) -> StateRow | None:
        mine = [consent for consent in row.case.consents if consent["scope"] == scope]
        return mine[-1] if mine else None

    return last


def _level(factor: str, column: str) -> Take:
    def level(row: PersonRow) -> str | None:
        levels = None if row.allocation is None else row.allocation[column]
        return None if levels is None else levels.get(factor)

    return level


def _first_date(kind: str) -> Take:
    def first(row: PersonRow) -> str | None:
        dates = [fact["date"] for fact in row.case.facts if fact["kind"] == kind]
        return min(dates, key=lambda iso: (parse_iso(iso).earliest, iso), default=None)

    return first


def _bound(take: Take, end: str) -> Take:
    def day(row: PersonRow) -> str | None:
        iso = take(row)
        return None if iso is None else getattr(parse_iso(iso), end).isoformat()

    return day
