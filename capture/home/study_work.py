"""The home of those who look after a study: its data, numbers, conduct; the installation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask import url_for

from capture import clock
from capture.access import Action, Actor
from capture.accounts.reads import list_accounts
from capture.home import reads
from capture.home.reads import Workplace
from capture.home.sections import HomeSection, SectionCell, make_cell
from capture.ledger.concealment import Concealment
from capture.oversight.reads import list_trees_integrity, list_waiting_redactions
from capture.participants.event_kinds import event_title
from capture.randomisation.designs.service.list_state import list_low_lists
from capture.randomisation.reads import find_open_halt, list_design_versions
from capture.web.layout import Link
from capture.web.page_data import Colour, Tag

HALTED = Tag("Halted", Colour.RED)
OPEN = Tag("Randomisation open", Colour.GREEN)
STATES = {
    "entered": Tag("Awaiting activation", Colour.ORANGE),
    "active": Tag("Active", Colour.GREEN),
    "disclosed": Tag("Unsealed"),
    "closed": Tag("Closed"),
    "superseded": Tag("Superseded"),
    "withdrawn": Tag("Withdrawn"),
}
NO_DESIGN = Tag("No design yet", Colour.ORANGE)


def list_data_sections(
    connection: sa.Connection, places: Sequence[Workplace]
) -> Iterator[HomeSection]:
    """For data managers and monitors: queries, unfinished entries and late visits by site."""
    for place in places:
        found = reads.list_counts(connection, place.slug, "entry")
        asked, late = (
            reads.count_queries_by_site(connection, place),
            reads.count_overdue_by_site(connection, place),
        )
        rows = tuple(
            (
                make_cell(site.name),
                SectionCell(str(asked.get(slug, 0)), _make_queries_url(place), site.name),
                make_cell(_count_unfinished(place, found, slug)),
                SectionCell(
                    str(late.get(slug, 0)), _make_overdue_url(place, slug), f"overdue, {site.name}"
                ),
            )
            for slug, site in place.sites.items()
        )
        yield HomeSection(
            f"data-{place.slug}",
            place.study.short_title,
            ("Site", "Open queries", "Incomplete forms", "Visits overdue"),
            rows,
            "This study has no sites yet.",
            links=(
                Link("Open queries", _make_queries_url(place)),
                Link("Participants", url_for("participants.index", study=place.slug)),
                Link("Dashboard", url_for("home.dashboard", study=place.slug)),
                Link("Audit trail", url_for("oversight.audit", study=place.slug)),
            ),
        )


def _make_queries_url(place: Workplace) -> str:
    return url_for("entry.query_list", study=place.slug)


def _make_overdue_url(place: Workplace, site: str) -> str:
    return url_for("participants.index", study=place.slug, site=site, attention="overdue")


def _count_unfinished(place: Workplace, found: reads.Counts, site: str) -> int:
    """How many forms are begun and not complete, but for those that would tell an arm."""
    return sum(
        n
        for (known, name), n in found.items()
        if known == site and _is_shown_unfinished(place, name)
    )


def _is_shown_unfinished(place: Workplace, name: str) -> bool:
    _entry, instrument, visit, status = name.split(".")
    return status == "in_progress" and place.viewer.shows_form_at(visit, instrument)


def describe_recruitment(connection: sa.Connection, place: Workplace) -> str:
    """How many are recruited, against the number in force today: randomised, or else enrolled."""
    found = reads.list_counts(connection, place.slug, "allocated", "participant")
    done = [
        f"{reads.count_total(found, f'allocated.{randomisation.name}')} randomised"
        for randomisation in place.study.randomisations[:1]
    ] or [f"{reads.count_total(found, 'participant.enrolled')} recruited"]
    target = place.study.target_on(clock.today(place.study.zone))
    return ", ".join([*done, *([f"recruitment target {target.number}"] if target else [])])


def list_statistics_sections(
    connection: sa.Connection, places: Sequence[Workplace]
) -> Iterator[HomeSection]:
    """For statisticians: recruitment, datasets, the declared endpoints."""
    for place in places:
        yield HomeSection(
            f"statistics-{place.slug}",
            place.study.short_title,
            ("Endpoint", "Measured from", "What counts"),
            tuple(
                (
                    make_cell(endpoint.title),
                    make_cell(event_title(endpoint.origin, place.study)),
                    make_cell(endpoint.wording),
                )
                for endpoint in place.study.endpoints
            ),
            "The study declares no endpoint.",
            links=(
                Link("Datasets", url_for("export.datasets", study=place.slug)),
                Link("Recruitment", url_for("home.dashboard", study=place.slug)),
            ),
            words=(describe_recruitment(connection, place),),
        )


def list_design_sections(
    connection: sa.Connection,
    concealment: Concealment,
    actor: Actor,
    places: Sequence[Workplace],
) -> Iterator[HomeSection]:
    """For who looks after randomisation: whether each one has a design and runs."""
    for place in places:
        if not place.study.randomisations:
            continue
        names = [randomisation.name for randomisation in place.study.randomisations]
        ends = [_describe_low_lists(connection, concealment, actor, place, name) for name in names]
        rows = tuple(
            _make_design_row(connection, actor, place, name, end)
            for name, end in zip(names, ends, strict=True)
        )
        yield HomeSection(
            f"randomisation-{place.slug}",
            f"Randomisation: {place.study.short_title}",
            ("Randomisation", "Design", "Status"),
            rows,
            "",
        )


def _make_design_row(
    connection: sa.Connection, actor: Actor, place: Workplace, name: str, run_out: str
) -> tuple[SectionCell, ...]:
    title = place.study.randomisation(name).title
    url = url_for("randomisation.show_design", study=place.slug, name=name)
    versions = list_design_versions(connection, place.slug, name)
    words = (
        {"entered": "Activate design"}
        if actor.may(Action.RANDOMISATION_ACTIVATE, place.slug)
        else {}
    )
    newest = versions[-1] if versions else None
    state = STATES.get(newest.state, Tag(newest.state)) if newest else NO_DESIGN
    is_halted = find_open_halt(connection, place.slug, name) is not None
    runs = any(version.state == "active" for version in versions)
    drawing = HALTED if is_halted else OPEN if runs else Tag("Not open")
    next_step = words.get(newest.state, "") if newest else ""
    return (
        SectionCell(title, url),
        SectionCell(next_step, tag=state),
        SectionCell(run_out, tag=drawing),
    )


def _describe_low_lists(
    connection: sa.Connection, concealment: Concealment, actor: Actor, place: Workplace, name: str
) -> str:
    """To who may know how far lists are: that some are nearly at their end."""
    if not actor.may(Action.LIST_STATE_VIEW, place.slug):
        return ""
    low = len(list_low_lists(connection, concealment, place.study, name))
    return "" if not low else "A list runs out" if low == 1 else f"{low} lists run out"


def list_conduct_sections(
    connection: sa.Connection, places: Sequence[Workplace]
) -> Iterator[HomeSection]:
    """For trial managers: recruitment, and the sites that are not open."""
    for place in places:
        yield HomeSection(
            f"conduct-{place.slug}",
            place.study.short_title,
            ("Site", "Next step", "Recruitment target"),
            tuple(_make_site_row(place, slug) for slug in _list_closed_sites(place)),
            "All sites are open.",
            links=tuple(_list_conduct_links(place)),
            words=(describe_recruitment(connection, place),),
        )


def list_redaction_sections(
    connection: sa.Connection, actor: Actor, places: Sequence[Workplace]
) -> Iterator[HomeSection]:
    """Redactions that wait for this person as the second one; nothing while none does."""
    for place in places:
        rows = tuple(
            (
                SectionCell(redaction.number, _make_redaction_url(place, redaction.id)),
                make_cell(redaction.reason),
            )
            for redaction in list_waiting_redactions(connection, actor, place.slug)
        )
        if rows:
            title = f"Redactions awaiting a second person: {place.study.short_title}"
            yield HomeSection(f"redactions-{place.slug}", title, ("Participant", "Reason"), rows)


def _make_redaction_url(place: Workplace, request_id: str) -> str:
    return url_for("oversight.redaction", study=place.slug, request_id=request_id)


def _list_closed_sites(place: Workplace) -> list[str]:
    return [
        slug
        for slug, site in place.sites.items()
        if site.open_from is None or site.closed_from is not None
    ]


def _make_site_row(place: Workplace, slug: str) -> tuple[SectionCell, ...]:
    site = place.sites[slug]
    step = "Open site" if site.open_from is None else f"Closed from {site.closed_from}"
    url = url_for("study.site", study=place.slug, slug=slug)
    return make_cell(site.name), SectionCell(step, url, site.name), make_cell(site.target or "")


def _list_conduct_links(place: Workplace) -> Iterator[Link]:
    for text, endpoint in (
        ("Dashboard", "home.dashboard"),
        ("Sites", "study.sites"),
        ("People", "accounts.members"),
        ("Audit trail", "oversight.audit"),
        ("Integrity", "oversight.integrity"),
    ):
        yield Link(text, url_for(endpoint, study=place.slug))


def list_installation_sections(connection: sa.Connection) -> Iterator[HomeSection]:
    """For administrators: accounts, seals and checkpoints; no study's data."""
    people = list_accounts(connection)
    active = sum(person.is_active for person in people)
    yield HomeSection(
        "accounts",
        "Accounts",
        links=(Link("Accounts", url_for("accounts.people")),),
        words=(f"{active} open, {len(people) - active} closed.",),
    )
    rows = tuple(
        (
            make_cell("System" if tree.study == "system" else tree.study),
            make_cell(tree.sealed),
            make_cell(tree.unsealed),
            make_cell(
                f"{tree.at[:10]} {tree.at[11:16]} UTC, {tree.size} rows" if tree.at else "none yet"
            ),
        )
        for tree in list_trees_integrity(connection)
    )
    yield HomeSection(
        "integrity",
        "Integrity",
        ("Study", "Entries sealed", "Entries to be sealed", "Last checkpoint"),
        rows,
    )
    yield HomeSection(
        "backup",
        "Backups",
        words=(
            "Make one with the command “sarcomere backup DIR” and keep it on another machine, the "
            "concealment key apart from it. After a restore randomisation halts until two people "
            "reconcile it.",
        ),
    )
