"""Check that every name is used once and that everything referred to by name exists."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from forms.checks.context import CheckContext, placed_items
from forms.checks.dashboard import prove_dashboard
from forms.definition import BUILT_IN_EVENTS, LOG_VISIT, Instrument, Study
from forms.items.surroundings import Purpose

RESERVED = frozenset({"visit", "occurrence", "instance", "site", "arm", "participant", "log"})
"""Names that datasets give to their own columns."""
CONTROLS = frozenset(
    {"csrf_token", "request_id", "version", "shown", "act", "reason", "reason_words"}
)
"""Names that the page of a form gives to what it sends with its items."""
BESIDE = frozenset({"missing", "unit", "confirm", "remove", "attached", "chosen"})
"""What such a page names after an item and two underscores."""
SYSTEM = "system"
"""The ledger's tree of what belongs to no study."""


@cache
def known_zones() -> frozenset[str]:
    """Return every IANA time zone of this machine or of the package tzdata."""
    return frozenset(available_timezones())


def prove_names(ground: CheckContext) -> None:
    """Note repeated names, and events, instruments, items and consents that do not exist."""
    study = ground.study
    if study.zone not in known_zones():
        ground.problem(
            ["zone"], f"there is no time zone `{study.zone}`; use one like Europe/London"
        )
    _unique_parts(ground)
    _item_names(ground)
    for instrument in study.instruments:
        _special_items(ground, instrument)
    _people(ground)
    _events(ground)
    _endpoints(ground)
    prove_dashboard(ground)


def _unique_parts(ground: CheckContext) -> None:
    study = ground.study
    lists = {
        "instruments": [instrument.name for instrument in study.instruments],
        "visits": [visit.slug for visit in study.visits],
        "events": [event.name for event in study.events],
        "gates": [gate.name for gate in study.gates],
        "randomisations": [randomisation.name for randomisation in study.randomisations],
        "dose_finding": [part.name for part in study.dose_finding],
        "endpoints": [endpoint.name for endpoint in study.endpoints],
        "consents": [consent.name for consent in study.consents],
        "missing_reasons": [reason.code for reason in study.missing_reasons],
        "site_attributes": [attribute.name for attribute in study.site_attributes],
        "cohorts": [cohort.name for cohort in study.cohorts],
    }
    for key, names in lists.items():
        ground.require_unique([key], names, key.replace("_", " "))
    if any(visit.slug == LOG_VISIT for visit in study.visits):
        ground.problem(["visits", LOG_VISIT], "`log` is the pseudo-visit of logs; rename the visit")
    for attribute in study.site_attributes:
        path = ["site_attributes", attribute.name, "choices"]
        codes = [choice.code for choice in attribute.choices]
        ground.require_unique(path, codes, "choices with the code")
    if study.slug == SYSTEM:
        ground.problem(["slug"], f"`{SYSTEM}` is what belongs to no study; rename the study")


def _item_names(ground: CheckContext) -> None:
    seen: dict[str, str] = {}
    claimed = {
        column: placed.item.name
        for placed in placed_items(ground.study)
        for column in placed.item.columns_claimed
    }
    for placed in placed_items(ground.study):
        item = placed.item
        for name in item.names:
            path = placed.path if name == item.name else (*placed.path, "rows", name)
            if name in seen:
                words = f"item `{name}` also stands in {seen[name]}; every name is used once"
                ground.problem(_second_place(ground, placed.path, path), words)
            elif name in RESERVED:
                ground.problem(path, f"`{name}` is a column of every dataset; rename the item")
            elif name in CONTROLS or _is_beside_another(name, ground.study):
                ground.problem(path, f"`{name}` has a meaning of its own on pages; rename the item")
            elif name in claimed:
                words = f"`{name}` is a column of `{claimed[name]}` in datasets; rename the item"
                ground.problem(path, words)
            seen.setdefault(name, f"instrument `{placed.instrument.name}`")


def _is_beside_another(name: str, study: Study) -> bool:
    """Return whether a page uses the name for a part of another item, e.g. its missing reason."""
    other, _, mark = name.rpartition("__")
    return mark in BESIDE and other in study.item_names


def _second_place(
    ground: CheckContext, item_path: tuple[str | int, ...], path: tuple[str | int, ...]
) -> tuple[str | int, ...]:
    """Return the later of two items of one section that share a name."""
    name = item_path[-1]
    items = ground.root.at(item_path[:-1]).sequence()
    same = [index for index, node in enumerate(items) if node.text("name") == name]
    return (*item_path[:-1], same[-1]) if path == item_path and len(same) > 1 else path


def _special_items(ground: CheckContext, instrument: Instrument) -> None:
    for key in ("assessment_date", "mode", "completed_by"):
        name = getattr(instrument, key)
        if name is None:
            continue
        path = ["instruments", instrument.name, key]
        ground.require_known(path, name, instrument.value_items, "item of this instrument")
        item = instrument.value_items.get(name)
        serves = item is None or Purpose.ASSESSMENT_DATE in item.serves
        if key == "assessment_date" and not serves:
            ground.problem(path, f"`{name}` must be a full date to be the assessment date")
    if not any(item.is_answered for item in instrument.items):
        words = f"instrument `{instrument.name}` asks nothing; add an item that holds a value"
        ground.problem(["instruments", instrument.name], words)


def _people(ground: CheckContext) -> None:
    study = ground.study
    for key, purpose, words in (
        ("birth_date", Purpose.BIRTH_DATE, "a date"),
        ("sex", Purpose.SEX, "a single choice"),
    ):
        name = getattr(study, key)
        if name is not None:
            ground.require_known([key], name, study.item_names, "item")
        if name in study.item_names and purpose not in study.item(name).serves:
            ground.problem([key], f"`{name}` is not {words}")
    for scope in study.consents:
        path = ["consents", scope.name, "versions"]
        ground.require_unique(path, [version.version for version in scope.versions], "versions")


def known_events(study: Study) -> frozenset[str]:
    """Return all events that a visit or endpoint may name."""
    allocations = {f"allocation.{randomisation.name}" for randomisation in study.randomisations}
    alone = {"allocation"} if len(study.randomisations) == 1 else set()
    doses = {f"dose.{part.name}" for part in study.dose_finding}
    own = {event.name for event in study.events}
    return frozenset({*BUILT_IN_EVENTS, *allocations, *alone, *doses, *own})


def _events(ground: CheckContext) -> None:
    study = ground.study
    for event in study.events:
        path = ["events", event.name]
        if event.name == "allocation" or (event.name in BUILT_IN_EVENTS and event.name != "death"):
            ground.problem(path, f"`{event.name}` is an event of every study; rename this one")
        ground.require_known([*path, "date_item"], event.date_item, study.item_names, "item")
        item = study.item(event.date_item) if event.date_item in study.item_names else None
        if item is not None and Purpose.EVENT_DATE not in item.serves:
            ground.problem([*path, "date_item"], f"`{event.date_item}` is not a date")


def _endpoints(ground: CheckContext) -> None:
    events = known_events(ground.study)
    for endpoint in ground.study.endpoints:
        path: list[str | int] = ["endpoints", endpoint.name]
        ground.require_known([*path, "origin"], endpoint.origin, events, "event")
        for key in ("events", "competing"):
            for index, name in enumerate(getattr(endpoint, key)):
                ground.require_known([*path, key, index], name, events, "event")
        both = set(endpoint.events) & set(endpoint.competing)
        if both:
            words = f"`{min(both)}` cannot be both an event and a competing event"
            ground.problem([*path, "competing"], words)
        _evaluable(ground, path, [form.instrument for form in endpoint.evaluable])
        if not endpoint.evaluable and endpoint.censoring == "last_evaluable_assessment":
            words = "say which assessments are evaluable, or censor at the last_contact"
            ground.problem([*path, "censoring"], words)


def _evaluable(ground: CheckContext, path: list[str | int], names: list[str]) -> None:
    known = {instrument.name: instrument for instrument in ground.study.instruments}
    for index, name in enumerate(names):
        place = [*path, "evaluable", index]
        ground.require_known(place, name, known, "instrument")
        if name in known and known[name].assessment_date is None:
            ground.problem(place, f"instrument `{name}` has no `assessment_date` to be dated by")
