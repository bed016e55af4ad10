"""Participants who moved away: the old site reads the record up to the move, and nothing later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from capture.access import Action, Role, allow
from capture.corrections.presenters import form_words
from capture.corrections.views.blueprint import bp, render
from capture.entry import reads as entries
from capture.entry.presenters.cell_labels import value_words
from capture.ledger.fold import LedgerRow, MemoryState, fold
from capture.ledger.reads import list_ledger_rows as ledger_facts
from capture.participants.presenters.timeline import list_person_rows
from capture.participants.reads import DepartedRow, list_departed
from capture.problems import NotFound
from capture.study import reads as study_reads
from capture.visibility import Viewer, get_viewer
from capture.web.page_data import TableColumn
from capture.web.perform import actor, reading, services
from forms.definition import Study
from forms.partial_dates import parse_iso

COLUMNS = tuple(TableColumn(text) for text in ("Number", "From", "Moved on", "Your unsaved drafts"))
NOBODY = "No participant with this number has moved away from your sites. Check the number."
VISITS = tuple(TableColumn(text) for text in ("Visit", "Status", "Visit date"))


@bp.get("/moved")
@allow(Action.PARTICIPANT_VIEW)
def list_transferred(study: str) -> str:
    """The participants who moved away from the reader's sites."""
    names = {site.slug: site.name for site in study_reads.list_all_sites(reading(), study)}
    definition = study_reads.get_definition_for(reading(), study)
    rows = [
        (
            _find_number(_get_record(study, departed)),
            url_for(".before_move", study=study, pid=departed.person.id),
            names[departed.move.from_site],
            parse_iso(departed.move.date).words,
            ", ".join(_draft_words(definition, draft) for draft in _list_own_drafts(departed)),
        )
        for departed in list_departed(reading(), actor(), study)
    ]
    back_url = url_for("participants.index", study=study)
    return render("moved.html", rows=rows, columns=COLUMNS, back_url=back_url)


@dataclass(frozen=True)
class TransferredRecord:
    """A person as the ledger has them up to the move."""

    study: Study
    left: DepartedRow
    role: Role
    facts: list[LedgerRow]
    state: MemoryState

    @property
    def viewer(self) -> Viewer:
        """What the signed-in person may see at the site that the participant left."""
        site = self.left.move.from_site
        zone = study_reads.get_site(reading(), self.study.slug, site).zone
        return get_viewer(actor(), self.study, site, zone=zone)


@bp.get("/moved/<pid>")
@allow(Action.PARTICIPANT_VIEW)
def before_move(study: str, pid: str) -> str:
    """The record of a person up to the move, read-only."""
    record = _get_record(study, _get_departed(study, pid))
    return render(
        "before_move.html",
        number=_find_number(record),
        moved_on=parse_iso(record.left.move.date).words,
        back_url=url_for(".list_transferred", study=study),
        visits=list(_list_visits(record)),
        visit_columns=VISITS,
        forms=list(_list_forms(record)),
        drafts=[
            (_draft_words(record.study, draft), tuple(_list_typed(draft)))
            for draft in _list_own_drafts(record.left)
        ],
        history=list_person_rows(reading(), record.viewer, record.facts, has_links=False),
    )


def _find_number(record: TransferredRecord) -> str:
    """The number that the person had when they left; later changes belong to the new site."""
    (person,) = record.state.rows("participant")
    return str(person["participant_number"] or person["screening_number"])


def _get_departed(study: str, pid: str) -> DepartedRow:
    """Somebody who moved away from the reader's sites. Raises NotFound."""
    everybody = list_departed(reading(), actor(), study)
    found = next((departed for departed in everybody if departed.person.id == pid), None)
    if found is None:
        raise NotFound(NOBODY)
    return found


def _get_record(study: str, departed: DepartedRow) -> TransferredRecord:
    site = departed.move.from_site
    role = actor().role_for(Action.ENTRY_VIEW, study, site)
    if role is None:
        raise NotFound(NOBODY)
    subject = departed.person.subject
    history = list(ledger_facts(reading(), services().concealment, study, subject=subject))
    place = next(index for index, fact in enumerate(history) if fact.id == departed.move.ledger_id)
    before = history[:place]
    state = fold(before, study, subject)
    return TransferredRecord(
        study_reads.get_definition_for(reading(), study, site), departed, role, before, state
    )


def _list_visits(record: TransferredRecord) -> Iterator[tuple[str, str, str]]:
    rows = [row for row in record.state.rows("visit") if row["status"] != "void"]
    for row in sorted(
        rows, key=lambda row: (row["target_date"] or "", row["slug"], row["occurrence"])
    ):
        if record.viewer.shows_visit(row["slug"]):
            made = parse_iso(row["visit_date"]).words if row["visit_date"] else ""
            title = record.study.visit(row["slug"]).occurrence_title(row["occurrence"])
            yield title, row["status"].replace("_", " ").capitalize(), made


def _list_forms(record: TransferredRecord) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Each form with the answers that the reader's role may see."""
    forms = [entries.make_entry(row) for row in record.state.rows("entry")]
    for form in sorted(forms, key=lambda entry: entry.key):
        key = form.key
        if not record.viewer.shows_form_at(key.visit, key.instrument):
            continue
        items = record.study.instrument(key.instrument).value_items
        rows = tuple(
            (item.label, value_words(record.study, item, form.kept_cells[name]))
            for name, item in items.items()
            if name in form.kept_cells and record.viewer.shows_item(name)
        )
        yield form_words(record.study, form), rows


def _list_own_drafts(departed: DepartedRow) -> list[entries.Draft]:
    """The reader's own drafts at the old site, which were not carried over."""
    return [
        draft
        for draft in entries.list_drafts_of(reading(), departed.person.id)
        if draft.owner == actor().id and draft.site == departed.move.from_site
    ]


def _draft_words(study: Study, draft: entries.Draft) -> str:
    return study.instrument(draft.key.instrument).title


def _list_typed(draft: entries.Draft) -> Iterator[tuple[str, str]]:
    for name, texts in draft.typed.items():
        if any(texts) and not name.endswith("__missing"):
            yield name, ", ".join(texts)
