"""Attached files on pages: taken from a form, linked, and fetched again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO

from flask import Response, request, send_file, url_for
from markupsafe import Markup
from werkzeug.datastructures import FileStorage

from capture.access import Action, allow
from capture.entry import reads
from capture.entry.views.blueprint import bp
from capture.entry.views.form_context import FormContext, open_form
from capture.participants import reads as participant_reads
from capture.problems import NotFound
from capture.study import reads as study_reads
from capture.web.perform import UploadAllowance, actor, reading, services
from forms.build import InstrumentForm
from forms.definition import LOG_VISIT
from forms.items import FileItem
from forms.values import Cell, Refusal, attached_in
from forms.values.cells import refuse
from forms.values.files import describe, file_name, most_bytes

NEUTRAL = "application/octet-stream"
SANDBOX = "default-src 'none'; sandbox"
REMOVED = "This file was removed for privacy: two people redacted it, and its bytes are gone."
NO_SUCH_FILE = "There is no such file, or it is not yours to see."
SLACK = 2
"""A file up to so many times too large still arrives, to be refused on its page with the rest."""


@dataclass
class TakenFiles:
    """The files that came with a form: their bytes, and the name of each that was chosen."""

    content: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def take_files(form: InstrumentForm) -> TakenFiles:
    """Put what was chosen into the fields of a form, before it is validated."""
    taken = TakenFiles()
    for name in dict.fromkeys(request.files.keys()):
        item = form.field(name).item.attachment if name in form.answerable else None
        chosen = [file for file in request.files.getlist(name) if _is_chosen(file)]
        if item is not None and chosen:
            taken.names[name] = file_name(chosen[0].filename or "")
            _take_file(form, item, chosen, taken)
    return taken


def _is_chosen(file: FileStorage) -> bool:
    """A browser sends a part without a name and bytes where nothing was chosen."""
    first = file.stream.read(1)
    file.stream.seek(0)
    return bool(file.filename or first)


def _take_file(
    form: InstrumentForm, item: FileItem, chosen: list[FileStorage], taken: TakenFiles
) -> None:
    name = taken.names[item.name]
    if len(chosen) > 1:
        words = f"{len(chosen)} files arrived; choose one, or put them together into one"
        form.field(item.name).refuse_file(name, refuse(item, words).words)
        return
    content = chosen[0].stream.read(most_bytes(item) + 1)
    chosen[0].stream.seek(0)
    read = describe(item, chosen[0].filename or "", content)
    if isinstance(read, Refusal):
        form.field(item.name).refuse_file(name, read.words)
        return
    form.field(item.name).attach(read.text)
    taken.content[item.name] = content


def ask_again(
    form: InstrumentForm, sent: InstrumentForm, taken: TakenFiles, *, is_saved: bool
) -> None:
    """Mark each file that was not stored as to be chosen again: no page can keep it.

    form: the page that is drawn. sent: the form as it arrived.
    """
    for name, file in taken.names.items():
        refused = sent.refusals().get(name)
        if refused is None and is_saved:
            continue
        words = f"“{file}” was not stored with the rest; choose the file again"
        form.field(name).refuse_file(file, refused or refuse(form.field(name).item, words).words)


def get_upload_allowance(study: str, instrument: str, **_rest: str) -> UploadAllowance:
    """How many bytes a form may send; files that are somewhat too large still arrive."""
    connection = reading()
    published = study_reads.get_version_in_force(connection, study)
    instruments = study_reads.get_published_forms(connection, published).study.instruments
    items = [
        item.attachment
        for form in instruments
        if form.name == instrument
        for item in form.value_items.values()
        if item.attachment is not None
    ]
    together = sum(item.max_megabytes for item in items)
    words = (
        "Nothing was stored: what was sent is too large. The files of this form may have "
        f"{together} MB together. Go back: what you typed is still in the form. Choose a smaller "
        "file, then save again."
    )
    return UploadAllowance(SLACK * sum(most_bytes(item) for item in items), words)


def link_files(context: FormContext, form: InstrumentForm) -> None:
    """Let each attached file of a page be fetched by who may."""
    file_links, cells = get_file_links(context), context.entry.kept_cells if context.entry else {}
    for name in {item for item, _hash in file_links.ids}:
        if form.asks(name):
            form.field(name).href = file_links.url(name, cells.get(name))


@dataclass(frozen=True)
class FileLinks:
    """Where the files of one form are fetched, as far as the signed-in person may see them."""

    context: FormContext
    ids: Mapping[tuple[str, str], str]

    def url(self, item: str, cell: Cell | None) -> str:
        """The address of the file that a cell names; blank where it may not be fetched."""
        attached = attached_in(cell.value) if cell is not None else None
        file_id = self.ids.get((item, attached.sha256)) if attached else None
        if file_id is None or not may_fetch(self.context, item):
            return ""
        person = self.context.location.person
        return url_for("entry.send_attached_file", study=person.study, pid=person.id, file=file_id)

    def words(self, item: str, cell: Cell | None, words: str) -> str:
        """A cell's words, as a link where they name a file that may be fetched."""
        url = self.url(item, cell)
        return Markup('<a class="nhsuk-link" href="{}">{}</a>').format(url, words) if url else words


def get_file_links(context: FormContext) -> FileLinks:
    """The links of a form; the database is not read where no item is a file."""
    items = context.location.instrument.value_items.values()
    if context.entry is None or not any(item.attachment for item in items):
        return FileLinks(context, {})
    kept = reads.list_file_ids(reading(), context.location.person.study, context.entry.id)
    return FileLinks(context, kept)


def may_fetch(context: FormContext, item: str) -> bool:
    """Whether the person may see an item's files."""
    return item in context.location.instrument.value_items and context.viewer.shows_item(item)


@bp.get("/studies/<study>/participants/<pid>/files/<file>")
@allow(Action.ENTRY_VIEW)
def send_attached_file(study: str, pid: str, file: str) -> Response:
    """An attached file, to be kept on the reader's machine and never shown as a page of ours."""
    connection = reading()
    participant_reads.get_participant(connection, actor(), study, pid)
    kept = reads.find_attached_file(connection, study, pid, file)
    entry = reads.find_entry(connection, kept.entry) if kept else None
    if kept is None or entry is None:
        raise NotFound(NO_SUCH_FILE)
    context = open_form(study, pid, entry.visit or LOG_VISIT, entry.key.instrument)
    if not may_fetch(context, kept.item):
        raise NotFound(NO_SUCH_FILE)
    content = reads.find_bytes(connection, file)
    if content is None:
        raise NotFound(REMOVED)
    return _make_download(_find_file_name(study, entry, kept), content)


def _find_file_name(study: str, entry: reads.Entry, kept: reads.KeptFile) -> str:
    """What the file was last called in the form."""
    current = entry.kept_cells.get(kept.item)
    past = reads.list_entry_history(
        reading(), services().concealment, study, entry.participant, entry.id
    )
    cells = [change.new for save in past for change in save.changes if change.item == kept.item]
    named = [attached_in(cell.value) for cell in (current, *cells) if cell is not None]
    return next(
        attached.name
        for attached in named
        if attached is not None and attached.sha256 == kept.sha256
    )


def _make_download(name: str, content: bytes) -> Response:
    answer = send_file(
        BytesIO(content),
        mimetype=NEUTRAL,
        as_attachment=True,
        download_name=name,
        conditional=False,
        etag=False,
    )
    answer.headers["Content-Security-Policy"] = SANDBOX
    return answer
