"""The page “This belongs to another participant”: say to whom, compare both forms, confirm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from flask import Response, make_response, request

from capture.access import Action, allow
from capture.corrections import service
from capture.corrections.presenters import form_words, list_shown_items
from capture.corrections.reads import MoveSide, list_move_sides
from capture.corrections.views.blueprint import PERSON, bp, render
from capture.corrections.views.forms import ConfirmForm, OwnerForm
from capture.corrections.views.striking import get_shown_entry
from capture.entry import reads as entries
from capture.entry.presenters.cell_labels import value_words
from capture.ledger.service import Transaction
from capture.participants import reads
from capture.participants.presenters.links import form_url, log_url, put_right_url, visit_title
from capture.participants.presenters.person_pages import banner, definition, require_person, viewer
from capture.participants.records import Participant, Visit, VisitStatus
from capture.problems import NotFound, Problem, Refused
from capture.study import reads as study_reads
from capture.timeline import local_words
from capture.web.act_pages import do_act, list_errors
from capture.web.layout import PageError
from capture.web.page_data import TableColumn
from capture.web.perform import Answer, actor, reading, services
from forms.definition import LOG_VISIT, Study
from forms.evaluation_scope import Place

OWNER = f"{PERSON}/forms/<entry>/owner"
NOBODY = "No participant at your sites has this number. Check the number."


@dataclass(frozen=True)
class MoveSides:
    """Both forms as the reader sees them. visit: of the right form; None for the log."""

    wrong: Participant
    entry: entries.Entry
    right: Participant
    visit: Visit | None
    since: int

    @property
    def study(self) -> Study:
        return definition(self.wrong)

    @cached_property
    def place(self) -> Place:
        """The place that the answers move to; in a log a new line."""
        key = self.entry.key
        if self.visit is None:
            return Place(LOG_VISIT, 1, key.instrument, self._next_line())
        return Place(self.visit.slug, self.visit.occurrence, key.instrument, key.instance)

    def _next_line(self) -> int:
        if not self.study.instrument(self.entry.key.instrument).repeats:
            return 1
        mine = entries.list_entries(reading(), self.right.id, [self.entry.key.instrument])
        return 1 + max((place.instance for place in mine), default=0)

    @cached_property
    def there(self) -> entries.Entry | None:
        return entries.find_entry_at(reading(), self.right.id, self.place)

    @cached_property
    def found(self) -> list[MoveSide]:
        instrument = self.study.instrument(self.entry.key.instrument)
        past = list_past_saves(self.wrong, self.entry)
        return list_move_sides(instrument, self.entry, past, self.since, self.there)

    @property
    def rows(self) -> Iterator[tuple[str, ...]]:
        """Each answer in words: here now and afterwards, there now, and the answer to move."""
        items = list_shown_items(self.study, self.wrong, self.entry.key.instrument)
        for side in self.found:
            if side.item in items:
                item = items[side.item]
                cells = (side.here, side.here_after, side.there, side.moved)
                yield item.label, *(value_words(self.study, item, cell) for cell in cells)

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        here, there = self.wrong.number, self.right.number
        if here == there:
            here, there = "This form", "Other form"
        heads = (f"{here} now", f"{here} afterwards", f"{there} now", "Value to move")
        return tuple(TableColumn(text) for text in ("Item", *heads))


def list_past_saves(person: Participant, entry: entries.Entry) -> list[entries.PastSave]:
    """The form's saves, newest first."""
    concealment = services().concealment
    return entries.list_entry_history(reading(), concealment, person.study, person.id, entry.id)


@bp.get(OWNER)
@allow(Action.ENTRY_SAVE)
def owner(study: str, pid: str, entry: str) -> Response:
    """The first step, and with a number in the address the second one."""
    person = require_person(study, pid, Action.ENTRY_SAVE)
    wrong = get_shown_entry(person, entry)
    if "to" not in request.args:
        return make_response(_render_first(person, wrong, _make_owner_form(person, wrong)))
    form = _make_owner_form(person, wrong)
    right = _find_owner(person, wrong, form) if form.validate() else None
    if right is None:
        return make_response(_render_first(person, wrong, form), 422)
    visit = _find_visit(wrong, person, right, request.args.get("visit", ""))
    both = MoveSides(person, wrong, right, visit, _read_whole(form.text("since")))
    return make_response(_render_second(both, None, None))


def _make_owner_form(person: Participant, wrong: entries.Entry) -> OwnerForm:
    sent = request.args if "to" in request.args else None
    form = OwnerForm(sent, since=str(wrong.version))
    form.since.choices = dict(_list_saves(person, wrong))
    return form


def _list_saves(person: Participant, wrong: entries.Entry) -> Iterator[tuple[str, str]]:
    zone = study_reads.get_site(reading(), person.study, person.site).zone
    for save in list_past_saves(person, wrong):
        words = f"Version {save.version}: {local_words(save.at, zone)}, {save.who}"
        yield str(save.version), words


def _find_owner(person: Participant, wrong: entries.Entry, form: OwnerForm) -> Participant | None:
    """The right participant, at the reader's sites; marks the field where there is nobody."""
    right = reads.find_person_by_number(reading(), actor(), person.study, form.text("to"))
    if right is None or not actor().may(Action.ENTRY_SAVE, right.study, right.site):
        form.mark("to", NOBODY)
        return None
    if not 1 <= _read_whole(form.text("since")) <= wrong.version:
        form.mark("since", "Choose the first version with the wrong data.")
        return None
    return right


def _list_places(wrong: entries.Entry, person: Participant, right: Participant) -> list[Visit]:
    """The visits of the right person that have the form, without the form's own visit."""
    visits = viewer(right).shown_visits(reads.list_visits(reading(), right.id))
    return [
        visit
        for visit in visits
        if wrong.key.instrument in {*visit.instruments, *visit.forms}
        and visit.status != VisitStatus.VOID
        and (right.id != person.id or visit.id != wrong.visit)
    ]


def _find_visit(
    wrong: entries.Entry, person: Participant, right: Participant, asked: str
) -> Visit | None:
    """The chosen visit, else the same one, else the first. Raises Refused without any."""
    if wrong.key.visit == LOG_VISIT:
        return None
    places = _list_places(wrong, person, right)
    if not places:
        raise Refused(
            f"{right.number} has no visit with this form. Add the visit, or check the number."
        )
    key = wrong.key
    same = [
        place for place in places if (place.slug, place.occurrence) == (key.visit, key.occurrence)
    ]
    return next((place for place in places if place.id == asked), (same or places)[0])


def _render_first(
    person: Participant, wrong: entries.Entry, form: OwnerForm, words: str | None = None
) -> str:
    return render(
        "owner.html",
        banner=banner(person),
        back_url=put_right_url(person),
        title=form_words(definition(person), wrong),
        form=form,
        errors=[*list_errors(None, form), *([PageError(words, "#to")] if words else [])],
    )


def _render_second(both: MoveSides, form: ConfirmForm | None, problem: Problem | None) -> str:
    there = both.there
    shown = form or ConfirmForm()
    places = [] if both.visit is None else _list_places(both.entry, both.wrong, both.right)
    hidden = {
        "to": both.right.id,
        "visit": both.visit.id if both.visit else LOG_VISIT,
        "instance": str(both.place.instance),
        "since": str(both.since),
        "version": str(both.entry.version),
        "to_version": str(there.version if there else 0),
    }
    for name, value in hidden.items():
        shown[name].data = value
    if not any(side.is_conflict for side in both.found):
        del shown.overwrite
    return render(
        "check_owner.html",
        banner=banner(both.wrong),
        back_url=put_right_url(both.wrong, "forms", both.entry.id, "owner"),
        both=both,
        title=form_words(both.study, both.entry),
        places=[(place.id, visit_title(definition(both.right), place)) for place in places],
        there_title=_there_words(both),
        form=shown,
        errors=list_errors(problem, shown),
    )


def _there_words(both: MoveSides) -> str:
    where = visit_title(definition(both.right), both.visit) if both.visit else "log"
    return f"{both.right.number}, {where}"


@bp.post(OWNER)
@allow(Action.ENTRY_SAVE)
def put(study: str, pid: str, entry: str) -> Response:
    """The second step: undo here, save there."""
    person = require_person(study, pid, Action.ENTRY_SAVE)
    wrong = get_shown_entry(person, entry)
    form = ConfirmForm(request.form)
    if not form.text("to"):
        words = "The form was not received completely. Nothing was changed. Start here again."
        return make_response(
            _render_first(person, wrong, _make_owner_form(person, wrong), words), 422
        )
    right = require_person(study, form.text("to"), Action.ENTRY_SAVE)

    def act(tx: Transaction) -> Answer:
        said = _read_owner(form, wrong, right)
        version = study_reads.get_version_number(tx.connection, study)
        service.move_answers(tx, definition(person), version, pid, said)
        words = f"The data are now on the form of {right.number}. Both histories show the move."
        return Answer(_url(right, form, wrong), words)

    def draw(problem: Problem | None) -> str:
        fresh = get_shown_entry(person, entry)
        visit = _find_visit(fresh, person, right, form.text("visit"))
        both = MoveSides(person, fresh, right, visit, _read_whole(form.text("since")))
        return _render_second(both, form, problem)

    return do_act(form, act, draw)


def _read_owner(form: ConfirmForm, wrong: entries.Entry, right: Participant) -> service.EntryOwner:
    slug, occurrence = LOG_VISIT, 1
    if form.text("visit") != LOG_VISIT:
        visit = reads.get_visit(reading(), right.id, form.text("visit"))
        if not viewer(right).shows_visit(visit.slug):
            raise NotFound("This participant has no such visit. Go back to the participant's page.")
        slug, occurrence = visit.slug, visit.occurrence
    instance = _read_whole(form.text("instance"))
    return service.EntryOwner(
        entry=wrong.id,
        version=_read_whole(form.text("version")),
        since=_read_whole(form.text("since")),
        to=right.id,
        place=Place(slug, occurrence, wrong.key.instrument, instance),
        to_version=_read_whole(form.text("to_version")),
        reason=form.text("reason"),
        overwrite={"keep": False, "take": True}.get(form.text("overwrite")),
    )


def _url(right: Participant, form: ConfirmForm, wrong: entries.Entry) -> str:
    name = wrong.key.instrument
    if form.text("visit") == LOG_VISIT:
        return f"{log_url(right, name)}?instance={_read_whole(form.text('instance'))}"
    return form_url(right, form.text("visit"), name)


def _read_whole(text: str) -> int:
    """A whole number of a hidden control; -1 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
