"""The dataset `participants`: a row per participant and randomisation, cohort, key dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from capture.export import columns as kinds
from capture.export.columns import Dataset, DatasetColumn, make_names_unique
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


PersonColumn: TypeAlias = DatasetColumn[PersonRow]
PersonValue: TypeAlias = Callable[[PersonRow], Any]


def make_people_dataset(merged: MergedDefinition, viewer: DatasetViewer) -> Dataset[PersonRow]:
    """Everybody screened, once for each randomisation of the study, allocated or not."""
    names = _list_randomisation_names(merged)

    def rows(case: ParticipantRecord) -> Iterable[PersonRow]:
        allocations = {allocation["randomisation"]: allocation for allocation in case.allocations}
        for name in names or [None]:
            yield PersonRow(case, name, allocations.get(name))

    drawn = _make_allocation_columns(merged, viewer) if names else ()
    own = (*_make_status_columns(), *drawn, *_make_cohort_columns(merged, viewer))
    more = (
        *_make_consent_columns(merged),
        *_make_stratum_columns(merged, viewer),
        *_make_event_columns(merged, viewer),
    )
    columns = (*own, *make_names_unique(more, [column.name for column in own], ()))
    title = "Participants and randomisations" if names else "Participants"
    return Dataset(NAME, title, columns, rows)


def name_event_column(kind: str) -> str:
    """Return the column of this dataset that holds the date of an event."""
    if kind.startswith(ALLOCATION):
        return "allocated_on"
    return OWN_COLUMNS.get(kind, f"{kind.replace('.', '_')}_date")


def make_identity_columns(site: Callable[[Any], Any] | None = None) -> Iterator[DatasetColumn[Any]]:
    """Yield the columns that every dataset of participants begins with; rows hold a `case`.

    site: where the row's event took place; without it the participant's site.
    """
    yield DatasetColumn("study", "Study", kinds.TEXT, _take_person("study"))
    yield DatasetColumn("site", "Site", kinds.TEXT, site or _take_person("site"))
    for name, label in (
        ("site_recruited", "Site that recruited"),
        ("participant_number", "Participant number"),
        ("screening_number", "Screening number"),
    ):
        yield DatasetColumn(name, label, kinds.TEXT, _take_person(name))


def _make_status_columns() -> Iterator[PersonColumn]:
    yield from make_identity_columns()
    yield DatasetColumn("episode", "Episode of screening", kinds.WHOLE, _take_person("episode"))
    yield DatasetColumn("status", "Status", kinds.TEXT, _take_person("status"), codes=STATUSES)
    yield DatasetColumn(
        "state", "Taking part", kinds.TEXT, _take_person("participation"), codes=STATES
    )
    band = _take_person("age_band")
    yield DatasetColumn("age_band", "Age band at screening", kinds.TEXT, band, codes=AGE_BANDS)
    yield DatasetColumn("screened_on", "Screened on", kinds.DATE, _take_person("screened_on"))
    yield DatasetColumn("enrolled_on", "Enrolled on", kinds.DATE, _take_person("enrolled_on"))
    yield DatasetColumn(
        "reason_not_enrolled",
        "Why not enrolled",
        kinds.TEXT,
        _take_person("reason_not_recruited"),
        codes=NOT_ENROLLED,
    )


def _make_consent_columns(merged: MergedDefinition) -> Iterator[PersonColumn]:
    """Per scope: whether consent stands, the version and date of the last event about it."""
    for scope in merged.newest.consents:
        name, title = f"consent_{scope.name}", f"Consent ({scope.title})"
        last = _take_last_consent(scope.name)
        kinds_of_event = {"given": "Given", "regiven": "Given again", "withdrawn": "Withdrawn"}
        yield DatasetColumn(name, title, kinds.TEXT, _take_from(last, "kind"), codes=kinds_of_event)
        yield DatasetColumn(
            f"{name}_version", f"{title}: version", kinds.TEXT, _take_from(last, "version")
        )
        yield DatasetColumn(f"{name}_on", f"{title}: date", kinds.DATE, _take_from(last, "date"))


def _make_allocation_columns(
    merged: MergedDefinition, viewer: DatasetViewer
) -> Iterator[PersonColumn]:
    titles = {
        randomisation.name: randomisation.title
        for randomisation in _list_newest_randomisations(merged)
    }
    find = _find_allocation
    yield DatasetColumn(
        "randomisation", "Randomisation", kinds.TEXT, lambda row: row.randomisation, codes=titles
    )
    yield DatasetColumn(
        "is_allocated", "Allocated", kinds.TRUTH, lambda row: row.allocation is not None
    )
    yield DatasetColumn(
        "allocation_number", "Number of the allocation", kinds.WHOLE, _take_from(find, "number")
    )
    yield DatasetColumn(
        "allocated_at", "Allocated (instant)", kinds.INSTANT, _take_from(find, "at")
    )
    yield DatasetColumn(
        "allocated_on", "Allocated (date at the site)", kinds.DATE, _take_from(find, "local_date")
    )
    if viewer.sees_arms:
        labels = {
            arm.arm: arm.label
            for randomisation in _list_all_randomisations(merged)
            for arm in randomisation.arms
        }
        yield from _make_arm_columns("arm", "Arm allocated", _take_from(find, "arm"), labels)
        yield from _make_question_columns(merged)
    yield from _make_error_columns(viewer)


def _make_arm_columns(
    name: str, title: str, take: PersonValue, labels: Mapping[str, str]
) -> Iterator[PersonColumn]:
    """Yield an arm and its label."""
    yield DatasetColumn(name, title, kinds.TEXT, take, codes=labels)
    yield DatasetColumn(
        f"{name}_lbl",
        f"{title}: label",
        kinds.TEXT,
        lambda row: labels.get(take(row)),
        follows=True,
    )


def _make_question_columns(merged: MergedDefinition) -> Iterator[PersonColumn]:
    """For a factorial randomisation the arm of each question, next to the product arm."""
    titles: dict[str, str] = {}
    labels: dict[str, dict[str, str]] = {}
    for randomisation in _list_all_randomisations(merged):
        for question in randomisation.factorial:
            titles[question.question] = question.title
            arm_labels = labels.setdefault(question.question, {})
            arm_labels.update({arm.arm: arm.label for arm in question.arms})
    for name, title in titles.items():
        yield from _make_arm_columns(
            f"arm_{name}", f"Arm allocated, {title}", _take_question_arm(merged, name), labels[name]
        )


def _take_question_arm(merged: MergedDefinition, question: str) -> PersonValue:
    """Return the arm of one question, according to the version that has the product arm."""
    parts = {
        (randomisation.name, arm.arm): randomisation.by_question(arm.arm)[question].arm
        for randomisation in _list_all_randomisations(merged)
        for arm in randomisation.arms
        if question in randomisation.by_question(arm.arm)
    }

    def part(row: PersonRow) -> str | None:
        allocation = row.allocation
        return (
            None
            if allocation is None
            else parts.get((allocation["randomisation"], allocation["arm"]))
        )

    return part


def _make_cohort_columns(merged: MergedDefinition, viewer: DatasetViewer) -> Iterator[PersonColumn]:
    """Yield the recorded cohort with its evidence; nothing for readers who may not see it."""
    titles = {
        cohort.name: cohort.title
        for version in reversed(merged.versions)
        for cohort in version.cohorts
    }
    if not titles or not viewer.sees_arms:
        return
    name, label = _take_from(_find_cohort, "value"), "Cohort, by evidence"
    yield DatasetColumn("cohort", label, kinds.TEXT, name, codes=titles)
    yield DatasetColumn(
        "cohort_lbl", f"{label}: label", kinds.TEXT, lambda row: titles.get(name(row)), follows=True
    )
    yield DatasetColumn("cohort_on", f"{label}: date", kinds.DATE, _take_from(_find_cohort, "date"))
    yield DatasetColumn(
        "cohort_evidence",
        f"{label}: where it is documented",
        kinds.TEXT,
        _find_cohort_evidence,
        is_free=True,
    )


def _find_cohort(row: PersonRow) -> StateRow | None:
    cohorts = [fact for fact in row.case.facts if fact["kind"] == COHORT]
    return cohorts[-1] if cohorts else None


def _find_cohort_evidence(row: PersonRow) -> str | None:
    """Where the cohort is documented; None where that was redacted."""
    fact = _find_cohort(row)
    where = None if fact is None else fact["detail"].get("source_document")
    return where if isinstance(where, str) and where else None


def _make_error_columns(viewer: DatasetViewer) -> Iterator[PersonColumn]:
    """Randomised in error: the row stays and is flagged; the reason may name an arm."""
    yield DatasetColumn(
        "in_error",
        "Randomised in error",
        kinds.TRUTH,
        lambda row: None if row.allocation is None else row.allocation["annotation"] is not None,
    )
    yield DatasetColumn(
        "in_error_kind",
        "Randomised in error: what",
        kinds.TEXT,
        _take_from(_find_annotation, "mistake"),
    )
    if viewer.sees_arms:
        yield DatasetColumn(
            "in_error_reason",
            "Randomised in error: in words",
            kinds.TEXT,
            _take_from(_find_annotation, "reason"),
            is_free=True,
        )


def _make_stratum_columns(
    merged: MergedDefinition, viewer: DatasetViewer
) -> Iterator[PersonColumn]:
    """Yield the level of each factor as it was used, and as it should have been if corrected."""
    labels: dict[str, str] = {}
    for randomisation in _list_newest_randomisations(merged):
        for factor in randomisation.factors:
            if viewer.shows_formula(factor.source):
                labels.setdefault(factor.factor, factor.label or factor.factor)
    for name, label in labels.items():
        yield DatasetColumn(
            f"stratum_{name}", f"{label} as used", kinds.TEXT, _take_level(name, "levels")
        )
        yield DatasetColumn(
            f"stratum_{name}_corrected",
            f"{label} as corrected",
            kinds.TEXT,
            _take_level(name, "levels_corrected"),
        )


def _make_event_columns(merged: MergedDefinition, viewer: DatasetViewer) -> Iterator[PersonColumn]:
    """Yield the first date of each event, with bounds because its day may be unknown."""
    titles = {event.name: event.title for version in merged.versions for event in version.events}
    parts = [part for version in reversed(merged.versions) for part in version.dose_finding]
    titles |= {dose(part.name): f"Registered, {part.title}" for part in parts}
    doses = (dose(part.name) for part in parts)
    for name in dict.fromkeys((*BUILT_IN_EVENTS, *merged.event_items, *doses)):
        if name in OWN_COLUMNS or not viewer.shows_event(name):
            continue
        label = titles.get(name, name.replace("_", " ").capitalize())
        take, stem = _take_first_date(name), name.replace(".", "_")
        yield DatasetColumn(f"{stem}_date", f"{label}: date", kinds.TEXT, take)
        for end in ("earliest", "latest"):
            yield DatasetColumn(
                f"{stem}_{end}",
                f"{label}: {end} possible day",
                kinds.DATE,
                _take_bound(take, end),
                follows=True,
            )


def _list_newest_randomisations(merged: MergedDefinition) -> Iterator[Randomisation]:
    names: set[str] = set()
    for version in merged.versions:
        for randomisation in version.randomisations:
            if randomisation.name not in names:
                names.add(randomisation.name)
                yield randomisation


def _list_all_randomisations(merged: MergedDefinition) -> Iterator[Randomisation]:
    """Yield every randomisation of every version, oldest first, so that the newest words win."""
    for version in reversed(merged.versions):
        yield from version.randomisations


def _list_randomisation_names(merged: MergedDefinition) -> list[str | None]:
    return [randomisation.name for randomisation in _list_newest_randomisations(merged)]


def _take_person(name: str) -> Callable[[Any], Any]:
    return lambda row: row.case.person[name]


def _take_from(part: Callable[[PersonRow], Mapping[str, Any] | None], name: str) -> PersonValue:
    def take(row: PersonRow) -> Any:
        mapping = part(row)
        return None if mapping is None else mapping[name]

    return take


def _find_allocation(row: PersonRow) -> StateRow | None:
    return row.allocation


def _find_annotation(row: PersonRow) -> Mapping[str, Any] | None:
    return None if row.allocation is None else row.allocation["annotation"]


def _take_last_consent(scope: str) -> Callable[[PersonRow], StateRow | None]:
    def last(row: PersonRow) -> StateRow | None:
        consents = [consent for consent in row.case.consents if consent["scope"] == scope]
        return consents[-1] if consents else None

    return last


def _take_level(factor: str, column: str) -> PersonValue:
    def level(row: PersonRow) -> str | None:
        levels = None if row.allocation is None else row.allocation[column]
        return None if levels is None else levels.get(factor)

    return level


def _take_first_date(kind: str) -> PersonValue:
    def first(row: PersonRow) -> str | None:
        dates = [fact["date"] for fact in row.case.facts if fact["kind"] == kind]
        return min(dates, key=lambda iso: (parse_iso(iso).earliest, iso), default=None)

    return first


def _take_bound(take: PersonValue, end: str) -> PersonValue:
    def day(row: PersonRow) -> str | None:
        iso = take(row)
        return None if iso is None else getattr(parse_iso(iso), end).isoformat()

    return day
