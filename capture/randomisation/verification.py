"""Verifies randomisation: derives every allocation again, and checks heads for gaps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import sqlalchemy as sa

from capture.ledger.concealment import Concealment
from capture.ledger.verify import STUDY_CHECKS
from capture.problems import ConfigurationProblem
from capture.randomisation import reads
from capture.randomisation.allocation.service.receipts import KIND, make_place_tag
from capture.randomisation.designs.service.proof import ACTIVATED
from capture.randomisation.tables import (
    allocation,
    design_version,
    list_head,
    number_head,
    outbox,
)
from randomiser import Event, Kind, commit_r, commitment, is_adaptive, replay

ALLOCATED = (
    "site",
    "number",
    "arm",
    "levels",
    "design_version",
    "local_date",
    "at",
    "by",
    "request_id",
)
"""Fields that a receipt shares with its allocation and that never change."""


def check_allocations(
    connection: sa.Connection, concealment: Concealment, study: str
) -> Iterator[str]:
    """Yield a sentence for each allocation that is missing or differs from design, key and list."""
    names = connection.execute(
        sa.select(design_version.c.randomisation).where(design_version.c.study == study).distinct()
    ).scalars()
    for name in sorted(names):
        yield from _findings(connection, concealment, study, name)


def _findings(
    connection: sa.Connection, concealment: Concealment, study: str, name: str
) -> Iterator[str]:
    opened = []
    for version in reads.list_design_versions(connection, study, name):
        if version.state in ACTIVATED:
            try:
                opened.append(reads.get_opened_design(connection, concealment, study, version.id))
            except ConfigurationProblem as problem:
                yield f"design version {study}/{version.id}: {problem.message}"
    adaptive = {concealed.version.number for concealed in opened if is_adaptive(concealed.design)}
    events = reads.list_history(connection, study, name, adaptive=adaptive)
    for concealed in opened:
        yield from _version_findings(study, concealed, events)
    yield from _head_findings(connection, study, name, events)


def _version_findings(
    study: str, opened: reads.ConcealedVersion, events: list[Event]
) -> Iterator[str]:
    version = opened.version
    place = f"design version {study}/{version.id}"
    if commit_r(opened.r).hex() != version.r_hash:
        yield f"{place}: R is not the one committed to"
    if commitment(opened.design, opened.key, opened.salt).hex() != version.commitment:
        yield f"{place}: design and key do not match the commitment"
    for difference in replay(opened.design, opened.key, events):
        yield f"allocation {study}/{version.randomisation}: {difference.words}"


def _head_findings(
    connection: sa.Connection, study: str, name: str, events: list[Event]
) -> Iterator[str]:
    numbers = Counter(event.number for event in events if event.number is not None)
    expected = max(numbers, default=0) + 1
    stored = connection.execute(
        sa.select(number_head.c.next_number).where(
            number_head.c.study == study, number_head.c.randomisation == name
        )
    ).scalar()
    if (stored or 1) != expected:
        yield f"number head {study}/{name}: it says {stored}, the allocations {expected}"
    for number in range(1, expected):
        if numbers[number] != 1:
            yield f"allocation {study}/{name}: number {number} stands {numbers[number]} times"
    yield from _list_findings(connection, study, name, events)


def _list_findings(
    connection: sa.Connection, study: str, name: str, events: list[Event]
) -> Iterator[str]:
    taken: defaultdict[str, int] = defaultdict(int)
    for event in events:
        if event.list_name and event.list_position and event.kind is not Kind.ENVELOPE:
            taken[event.list_name] = max(taken[event.list_name], event.list_position)
    stored = {
        row.list_name: row.next_position
        for row in connection.execute(
            sa.select(list_head).where(
                list_head.c.study == study, list_head.c.randomisation == name
            )
        )
    }
    for list_name in sorted(taken.keys() | stored.keys()):
        if stored.get(list_name, 1) != taken.get(list_name, 0) + 1:
            yield f"list head {study}/{name}: a list's head does not follow its allocations"


def check_receipts(
    connection: sa.Connection, concealment: Concealment, study: str
) -> Iterator[str]:
    """Yield a sentence for each allocation whose receipt is missing or differs.

    The program signs receipts as they are stored, so they must be right.
    """
    receipts = {
        (content["participant"], content["randomisation"]): (receipt, content)
        for receipt, content in connection.execute(
            sa.select(outbox.c.id, outbox.c.content)
            .where(outbox.c.study == study, outbox.c.kind == KIND)
            .order_by(outbox.c.id)
        )
    }
    made = sa.select(allocation).where(allocation.c.study == study).order_by(allocation.c.id)
    for row in connection.execute(made).mappings():
        place = f"allocation {row['id']}"
        receipt, content = receipts.pop((row["participant"], row["randomisation"]), ("", {}))
        if not receipt:
            yield f"{place}: its receipt is missing"
            continue
        tag = make_place_tag(concealment, study, row["list_name"], row["list_position"])
        said = {**{name: row[name] for name in ALLOCATED}, "study": study, "place": tag}
        wrong = [name for name in said if content.get(name) != said[name]]
        if wrong:
            yield f"receipt {receipt}: {', '.join(wrong)} differs from {place}"
    for receipt, _content in receipts.values():
        yield f"receipt {receipt}: it is of no allocation"


STUDY_CHECKS.append(check_allocations)
STUDY_CHECKS.append(check_receipts)
