"""The page of one form: everything it shows besides the questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from capture.entry import reads
from capture.entry.service import EntryLocation
from capture.entry.views.files import get_file_links, link_files
from capture.entry.views.form_context import FormContext, get_banner, visit_words
from capture.entry.views.forms import CorrectionForm
from capture.entry.views.labels import FormHistoryRow, cell_words, list_form_history, time_words
from capture.entry.views.next_form import NextForm, find_next_form
from capture.participants.presenters.links import person_url, put_right_url, visit_url
from capture.participants.visit_status import FORM_TAGS
from capture.problems import InvalidInput, Problem, Stale
from capture.queries.reads import list_queries
from capture.web.layout import PageError
from capture.web.page_data import ParticipantBanner, TableColumn, Tag
from capture.web.perform import actor, reading, services
from forms.browser import page_scope
from forms.build import InstrumentForm
from forms.edit_checks import Finding, FindingKind
from forms.partial_dates import parse_iso
from forms.values import Cell

FORM_ID = "#entry"
DIFFERENCES = tuple(TableColumn(text) for text in ("Item", "Saved value", "Your value"))
CHANGES = tuple(TableColumn(text) for text in ("Item", "Old value", "New value"))


@dataclass(frozen=True)
class Difference:
    """An item that two people saved differently."""

    label: str
    theirs: str
    yours: str


@dataclass(frozen=True)
class DraftNotice:
    """A draft as the page shows it: one's own is on screen, another's is not."""

    id: str
    owner: str
    at: str
    is_own: bool


@dataclass(frozen=True)
class ItemQuery:
    """An open question, with the control it leads to where this page has one."""

    message: str
    href: str | None
    is_confirmable: bool = True


@dataclass(frozen=True)
class VisitDate:
    """The day of the visit, offered for the item that says when the form was filled in."""

    item: str
    day: str
    words: str


@dataclass(frozen=True)
class FormPage:
    """Everything that `entry/edit.html` draws."""

    context: FormContext
    form: InstrumentForm
    correction: CorrectionForm
    title: str
    visit_title: str
    banner: ParticipantBanner
    status: Tag
    scope: str
    saved_words: str
    back_url: str
    back_text: str
    questions: Sequence[ItemQuery] = ()
    drafts: Sequence[DraftNotice] = ()
    next_form: NextForm | None = None
    differences: Sequence[Difference] = ()
    history: Sequence[FormHistoryRow] | None = None
    reasons: Sequence[tuple[str, str]] = ()
    difference_columns: Sequence[TableColumn] = DIFFERENCES
    history_columns: Sequence[TableColumn] = CHANGES

    @property
    def shown(self) -> str:
        """The names of the items that the page asks, so that a form cut short is noticed."""
        return " ".join(sorted(self.form.answerable))

    @property
    def needs_reason(self) -> bool:
        """Whether changed values need a reason: the form was complete once."""
        entry = self.context.entry
        return entry is not None and entry.completed_at is not None

    @property
    def wrong_url(self) -> str | None:
        """Where the form is marked as entered in error, or as another participant's."""
        entry = self.context.entry
        if entry is None or not self.context.may_save:
            return None
        return put_right_url(self.context.location.person, "forms", entry.id)

    @property
    def fast_entry(self) -> bool:
        """Whether keys answer the rows of a grid: the reader's own setting."""
        return bool(current_user.fast_entry)

    @property
    def visit_date(self) -> VisitDate | None:
        """The day that is offered where the form asks when it was filled in."""
        return _find_visit_date(self.context)

    @property
    def answered(self) -> str:
        """How, by whom and when a questionnaire was filled in, as far as it is saved and shown."""
        kind, entry = self.context.location.instrument, self.context.entry
        if entry is None or kind.mode is None:
            return ""
        names = [name for name in (kind.mode, kind.completed_by, kind.assessment_date) if name]
        answered = [name for name in names if name in entry.cells and self.form.asks(name)]
        return ", ".join(cell_words(self.context, name, entry.cells[name]) for name in answered)

    @property
    def shows_draft(self) -> bool:
        """Whether the form shows the reader's own draft."""
        return any(draft.is_own for draft in self.drafts)

    @property
    def difference_rows(self) -> list[tuple[str, str, str]]:
        return [
            (difference.label, difference.theirs, difference.yours)
            for difference in self.differences
        ]

    @property
    def is_not_done(self) -> bool:
        return self.context.entry is not None and self.context.entry.status == reads.NOT_DONE

    @property
    def may_be_not_done(self) -> bool:
        """Whether to offer that it was not done; nobody expected what a log may hold."""
        is_unexpected = self.context.entry is None and self.context.location.instrument.log
        return not self.is_not_done and not is_unexpected


def make_entry_form(context: FormContext, sent: MultiDict[str, str] | None) -> InstrumentForm:
    """The form with what was sent or lies in a draft; without it, with what is stored."""
    cells = context.entry.kept_cells if context.entry else {}
    return context.form_class(sent, cells=_leave_out_redacted(cells), today=context.today)


def _leave_out_redacted(cells: Mapping[str, Cell]) -> dict[str, Cell]:
    """A redacted value shows as a blank in its control; saving leaves it as it is."""
    return {name: cell for name, cell in cells.items() if cell.missing != reads.REDACTED}


def read_draft(context: FormContext, draft: reads.Draft) -> MultiDict[str, str]:
    """A draft's content as if it were sent from the form: what it does not name is blank."""
    typed = MultiDict((name, text) for name, texts in draft.typed.items() for text in texts)
    for item in context.form_class.answerable:
        typed.setdefault(f"{item}__missing", "")
    return typed


def render_page(
    context: FormContext,
    form: InstrumentForm,
    *,
    correction: CorrectionForm | None = None,
    drafts: Sequence[reads.Draft] = (),
    version: int | None = None,
    problem: Problem | None = None,
    is_kept: bool = False,
) -> str:
    """Draw the page of a form. version: what the person looked at, when not the newest.

    is_kept: what was typed before the session ended is shown instead of what is stored.
    """
    link_files(context, form)
    page = _make_page(context, form, correction or CorrectionForm(), drafts, problem)
    return render_template(
        "entry/edit.html",
        page=page,
        version=context.version if version is None else version,
        is_kept=is_kept,
        errors=_list_errors(page, problem),
    )


def _make_page(
    context: FormContext,
    form: InstrumentForm,
    correction: CorrectionForm,
    drafts: Sequence[reads.Draft],
    problem: Problem | None,
) -> FormPage:
    location, entry = context.location, context.entry
    back_url, back_text = _find_way_back(location)
    return FormPage(
        context=context,
        form=form,
        correction=correction,
        title=location.instrument.title,
        visit_title=visit_words(location.study, location.visit),
        banner=get_banner(context),
        status=FORM_TAGS[entry.status if entry else None],
        scope=page_scope(type(form), context.scope.for_formulas(), visit=location.key.visit),
        saved_words=_saved_words(context),
        back_url=back_url,
        back_text=back_text,
        questions=_ask_queries(context, form),
        drafts=tuple(_make_notice(context, draft) for draft in drafts),
        next_form=find_next_form(context) if context.may_save else None,
        differences=_list_differences(context, form) if isinstance(problem, Stale) else (),
        history=_list_history(context, form) if "history" in request.args else None,
        reasons=tuple((reason.code, reason.label) for reason in location.study.missing_reasons),
    )


def _find_way_back(location: EntryLocation) -> tuple[str, str]:
    """Address and words of the visit, where it has other forms, or else of the participant."""
    visit = location.visit
    if visit is not None and len(visit.instruments) > 1:
        return visit_url(location.person, visit), visit_words(location.study, visit)
    return person_url(location.person), location.person.number


def _find_visit_date(context: FormContext) -> VisitDate | None:
    """The visit's own day, else that of its appointment; a planned target is nobody's visit."""
    visit, item = context.location.visit, context.location.instrument.assessment_date
    day = (visit.visit_date or (visit.appointment or "")[:10]) if visit else ""
    if item is None or len(day) != len("2026-03-02"):
        return None
    return VisitDate(item, day, parse_iso(day).words)


def _saved_words(context: FormContext) -> str:
    entry = context.entry
    if entry is None:
        return ""
    words = f"Last saved {time_words(entry.saved_at, context.site.zone)}, version {entry.version}."
    if entry.status != reads.NOT_DONE:
        return words
    labels = {reason.code: reason.label for reason in context.location.study.missing_reasons}
    return f"{words} Reason: {labels.get(entry.reason or '', entry.reason or '')}."


def _ask_queries(context: FormContext, form: InstrumentForm) -> list[ItemQuery]:
    """Put the open questions under their items, and list them for the top of the page."""
    if context.entry is None:
        return []
    questions = []
    for query in list_queries(reading(), context.entry.id):
        if not query.is_open or not context.viewer.shows_item(query.item):
            continue
        finding = Finding(query.item, FindingKind(query.kind), query.message, query.key)
        if finding.kind is FindingKind.COHORT:
            # Nothing here to confirm: the value is corrected, or the cohort on its own page.
            questions.append(
                ItemQuery(query.message, f"#{query.item}" if form.asks(query.item) else None)
            )
            continue
        on_page = form.ask(finding)
        href = f"#{query.item}__confirm" if on_page else None
        questions.append(ItemQuery(query.message, href, is_confirmable=finding.is_confirmable))
    return questions


def _make_notice(context: FormContext, draft: reads.Draft) -> DraftNotice:
    is_own = draft.owner == actor().id
    return DraftNotice(
        draft.id, draft.owner_name, time_words(draft.saved_at, context.site.zone), is_own
    )


def _list_differences(context: FormContext, form: InstrumentForm) -> list[Difference]:
    """Where the stored values are not those that were typed."""
    typed = form.cells()
    stored = context.entry.kept_cells if context.entry else {}
    items = context.location.instrument.value_items
    return [
        Difference(
            items[name].label,
            cell_words(context, name, stored.get(name)),
            cell_words(context, name, cell),
        )
        for name, cell in typed.items()
        if cell != stored.get(name)
    ]


def _list_history(context: FormContext, form: InstrumentForm) -> list[FormHistoryRow]:
    return list_form_history(context, form, list_past_saves(context), get_file_links(context).words)


def list_past_saves(context: FormContext) -> list[reads.PastSave]:
    """The form's saves, newest first."""
    if context.entry is None:
        return []
    person = context.location.person
    return reads.list_entry_history(
        reading(), services().concealment, person.study, person.id, context.entry.id
    )


def _list_errors(page: FormPage, problem: Problem | None) -> list[PageError]:
    """The error summary: what the act ran into first, then each refused item."""
    errors = [PageError(error.text, error.href) for error in page.form.page_errors()]
    errors += [
        PageError(str(field.errors[0]), f"#{field.id}") for field in page.correction if field.errors
    ]
    if problem is None:
        return errors
    if isinstance(problem, InvalidInput):
        if problem.field in page.correction:
            page.correction[problem.field].errors = (problem.message,)
            return [*errors, PageError(problem.message, f"#{problem.field}")]
        if page.form.asks(problem.field):
            page.form.refuse(problem.field, problem.message)
            return [PageError(error.text, error.href) for error in page.form.page_errors()]
    return [PageError(problem.message, FORM_ID), *errors]
