"""Pages of designs and keys: entering, activating, unsealing by two people, and the proof."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, request, url_for

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, NotAllowed, NotFound, Problem, Refused
from capture.randomisation import reads
from capture.randomisation.designs.service import designs
from capture.randomisation.designs.service.design_simulation import make_offered_text
from capture.randomisation.designs.service.proof import make_proof_bundle
from capture.randomisation.designs.views.list_labels import make_list_notices
from capture.randomisation.recovery.service.halt import get_last_number, halt_if_outside_is_newer
from capture.randomisation.views.blueprint import (
    STUDY,
    bp,
    name_of,
    page,
    randomisation_of,
    refuse_without,
    when,
)
from capture.randomisation.views.forms import (
    ActivateForm,
    DesignForm,
    ListForm,
    SecondForm,
    UnsealForm,
)
from capture.study import reads as study_reads
from capture.visibility import get_viewer
from capture.web.act_forms import NOT_CHOSEN, ActForm
from capture.web.act_pages import do_act, list_errors
from capture.web.page_data import Colour, SummaryRow, Tag
from capture.web.perform import Answer, actor, reading, services
from forms.definition import Randomisation, Study
from randomiser import METHODS, header_of

ONE = f"{STUDY}/<name>"
STATES = {
    "entered": Tag("Waits for activation", Colour.YELLOW),
    "withdrawn": Tag("Replaced before use"),
    "active": Tag("Active", Colour.GREEN),
    "superseded": Tag("Replaced"),
    "closed": Tag("Closed after a restore"),
    "disclosed": Tag("Key unsealed"),
}
UNSEALABLE = ("active", "superseded", "closed")
HALTED = Tag("Halted", Colour.RED)
NO_DESIGN = Tag("No design active", Colour.ORANGE)


@dataclass(frozen=True)
class DesignDesk:
    """A randomisation for the pages of the unblinded statistician and the trial manager."""

    study: Study
    study_version: int
    randomisation: Randomisation

    @property
    def name(self) -> str:
        return self.randomisation.name

    @property
    def takes_list(self) -> bool:
        """Whether the design is an uploaded list."""
        return METHODS[self.randomisation.method].takes_list

    @property
    def list_header(self) -> str:
        """The header line that an uploaded list must have."""
        return ",".join(header_of(designs.factors_of(self.randomisation)))

    def url(self, endpoint: str = "show_design") -> str:
        return url_for(f"randomisation.{endpoint}", study=self.study.slug, name=self.name)

    def certificate_url(self, version: reads.DesignVersion) -> str:
        return url_for(
            "randomisation.certificate",
            study=self.study.slug,
            name=self.name,
            number=version.number,
        )

    def may(self, action: Action) -> bool:
        return actor().may(action, self.study.slug)

    def words_of(self, instant: str | None) -> str:
        return when(instant, self.study.zone) if instant else ""

    def versions(self) -> list[reads.DesignVersion]:
        return reads.list_design_versions(reading(), self.study.slug, self.name)

    def state(self) -> Tag:
        if reads.find_open_halt(reading(), self.study.slug, self.name):
            return HALTED
        active = reads.find_active_version(reading(), self.study.slug, self.name)
        return STATES[active.state] if active else NO_DESIGN


@dataclass(frozen=True)
class VersionView:
    """A design version in words; `parameters` only for the unblinded statistician."""

    version: reads.DesignVersion
    state: Tag
    rows: Sequence[SummaryRow]
    certificate_url: str | None
    waits_for_second: bool


def open_desk(study: str, name: str) -> DesignDesk:
    """Get a randomisation for a page. Raises NotFound."""
    published = study_reads.get_version_in_force(reading(), study)
    known = study_reads.get_definition(reading(), published)
    return DesignDesk(known, published.number, randomisation_of(known, name))


@bp.get(STUDY)
@allow(Action.PROOF_VIEW)
def index(study: str) -> str:
    """List the randomisations of a study."""
    known = study_reads.get_definition_for(reading(), study)
    refuse_without(known)
    desks = [open_desk(study, randomisation.name) for randomisation in known.randomisations]
    return page("index.html", study=known, desks=desks)


@bp.get(ONE)
@allow(Action.PROOF_VIEW)
def show_design(study: str, name: str) -> str:
    return desk_page(open_desk(study, name))


def desk_page(
    desk: DesignDesk,
    problem: Problem | None = None,
    *sent: ActForm,
    list_problems: Sequence[str] = (),
) -> str:
    """Render the page of a randomisation. list_problems: the mistakes of a list just uploaded."""
    slug, knows_list = desk.study.slug, desk.may(Action.LIST_STATE_VIEW)
    versions = desk.versions()
    return page(
        "one.html",
        desk=desk,
        errors=list_errors(problem, *sent),
        state=desk.state(),
        last_number=get_last_number(reading(), slug, desk.name),
        halt=reads.find_open_halt(reading(), slug, desk.name),
        versions=[_view(desk, version, knows_list=knows_list) for version in versions],
        waiting=next((v for v in versions if v.state == "entered"), None),
        **make_list_notices(desk.study, desk.name, knows_list=knows_list),
        active=next((v for v in versions if v.state == "active"), None),
        has_proof=_may_prove(desk) and _has_proof(desk, versions),
        list_problems=list_problems,
        **_forms(desk, versions, sent),
        actions=Action,
        me=actor().id,
    )


def _forms(
    desk: DesignDesk, versions: Sequence[reads.DesignVersion], sent: Sequence[ActForm]
) -> dict[str, Any]:
    """Return the forms of the page: as they were sent, or empty."""
    forms: dict[type[ActForm], ActForm] = {type(form): form for form in sent}
    return {
        "design": forms.get(DesignForm, DesignForm()),
        "offered": make_offered_text(desk.study, desk.name),
        "upload": forms.get(ListForm, ListForm()),
        "activation": forms.get(ActivateForm, ActivateForm()),
        "unsealing": _unsealing(versions, forms.get(UnsealForm)),
        "second": forms.get(SecondForm, SecondForm()),
    }


def _unsealing(versions: Sequence[reads.DesignVersion], sent: ActForm | None) -> UnsealForm | None:
    """Return the form that asks to unseal a key; None while there is none to unseal."""
    known = [v for v in versions if v.state in UNSEALABLE and not v.disclosure_requested_by]
    form = sent if isinstance(sent, UnsealForm) else UnsealForm()
    form.version.choices = {**NOT_CHOSEN, **{v.id: f"Version {v.number}" for v in known}}
    return form if known else None


def _view(desk: DesignDesk, version: reads.DesignVersion, *, knows_list: bool) -> VersionView:
    rows = _version_rows(desk, version)
    if knows_list:
        known = reads.get_design(reading(), services().concealment, desk.study.slug, version.id)
        rows += [SummaryRow(label, words) for label, words in known.method.describe(known)]
    return VersionView(
        version,
        STATES[version.state],
        rows,
        desk.certificate_url(version) if version.commitment else None,
        waits_for_second=version.state in UNSEALABLE
        and version.disclosure_requested_by is not None,
    )


def _version_rows(desk: DesignDesk, version: reads.DesignVersion) -> list[SummaryRow]:
    entered = f"{name_of(version.entered_by)}, {desk.words_of(version.entered_at)}"
    rows = [SummaryRow("Entered by", entered), SummaryRow("SHA-256 of R", version.r_hash)]
    if version.activated_by and version.commitment:
        activated = f"{name_of(version.activated_by)}, {desk.words_of(version.activated_at)}"
        rows += [
            SummaryRow("Activated by", activated),
            SummaryRow("Value of the second person", version.v or ""),
            SummaryRow("Commitment", version.commitment),
        ]
    if version.disclosure_requested_by:
        asked = f"{name_of(version.disclosure_requested_by)}: {version.disclosure_reason}"
        rows.append(SummaryRow("Unsealing asked for by", asked))
    if version.disclosed_at:
        rows.append(SummaryRow("Unsealed", desk.words_of(version.disclosed_at)))
    return rows


def _may_prove(desk: DesignDesk) -> bool:
    """Return whether the user may know the lists, or see the arms that a proof names."""
    sites = study_reads.list_all_sites(reading(), desk.study.slug)
    viewer = get_viewer(actor(), desk.study, *(site.slug for site in sites))
    return viewer.sees_arms or desk.may(Action.LIST_STATE_VIEW)


def _has_proof(desk: DesignDesk, versions: Sequence[reads.DesignVersion]) -> bool:
    is_test = study_reads.get_state(reading(), desk.study.slug) == study_reads.TEST
    in_test = is_test and desk.may(Action.LIST_STATE_VIEW)
    return any(v.state == "disclosed" or (in_test and v.commitment) for v in versions)


@bp.post(f"{ONE}/design")
@allow(Action.RANDOMISATION_ENTER_DESIGN)
def enter(study: str, name: str) -> Response:
    """Store a design concealed; a design with mistakes is refused with all of them."""
    desk, form = open_desk(study, name), DesignForm(request.form)
    text = read_upload("design-file", form.text("content"))

    def act(tx: Transaction) -> Answer:
        content = designs.parse_design(text)
        version_id = designs.enter_design(tx, desk.study, desk.study_version, name, content)
        number = version_id.rpartition("/")[2]
        words = f"Design version {number} is kept. The trial manager activates it."
        return Answer(desk.url(), words)

    return do_act(form, act, lambda problem: desk_page(desk, _at_text(problem), form))


def read_upload(field: str, typed: str) -> str:
    """Return the content of a file, or the text typed instead. Raises InvalidInput for no text."""
    file = request.files.get(field)
    if file is None or not file.filename:
        return typed
    raw: bytes = file.read()
    file.seek(0)  # the request's hash reads it again
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise InvalidInput("content", "The file is no text. Choose another one.") from problem


def _at_text(problem: Problem | None) -> Problem | None:
    """Put problems of a design at the box of its text."""
    if isinstance(problem, InvalidInput) and problem.field == "design":
        return InvalidInput("content", problem.message)
    return problem


@bp.post(f"{ONE}/activate")
@allow(Action.RANDOMISATION_ACTIVATE)
def activate(study: str, name: str) -> Response:
    """Activate the waiting design with the second person's value."""
    desk, form, known = open_desk(study, name), ActivateForm(request.form), services()
    version_id = request.form.get("version", "")
    halt_if_outside_is_newer(known.database, known.concealment, known.config.data)

    def act(tx: Transaction) -> Answer:
        designs.activate(
            tx,
            desk.study,
            desk.study_version,
            version_id,
            v=form.text("v"),
            key_copy=form.text("key_copy"),
        )
        return Answer(desk.url(), "The design is active. Print its certificate now.")

    return do_act(form, act, lambda problem: desk_page(desk, problem, form))


@bp.get(f"{ONE}/certificate/<int:number>")
@allow(Action.PROOF_VIEW)
def certificate(study: str, name: str, number: int) -> str:
    """The certificate that commits the trial to its design and key, to print and keep apart."""
    desk = open_desk(study, name)
    found = next((v for v in desk.versions() if v.number == number and v.commitment), None)
    if found is None:
        raise NotFound("There is no such activated design version.")
    rows = _version_rows(desk, found)
    return page("certificate.html", desk=desk, version=found, rows=rows)


@bp.post(f"{ONE}/unseal")
@allow(Action.RANDOMISATION_DISCLOSE_KEY)
def ask_unsealing(study: str, name: str) -> Response:
    """Ask to unseal a key, as the first of two people."""
    desk, form = open_desk(study, name), UnsealForm(request.form)

    def act(tx: Transaction) -> Answer:
        designs.ask_unsealing(tx, study, form.text("version"), form.text("reason"))
        return Answer(desk.url(), "A second person can unseal the key now.")

    return do_act(form, act, lambda problem: desk_page(desk, problem, form))


@bp.post(f"{ONE}/unseal/confirm")
@allow(Action.RANDOMISATION_DISCLOSE_KEY)
def unseal(study: str, name: str) -> Response:
    """Unseal a key, as the second person; all lists of the key are closed for good."""
    desk, form = open_desk(study, name), SecondForm(request.form)

    def act(tx: Transaction) -> Answer:
        designs.unseal(tx, study, request.form.get("version", ""))
        return Answer(desk.url(), "The key is unsealed and its lists are closed for good.")

    return do_act(form, act, lambda problem: desk_page(desk, problem, form))


@bp.get(f"{ONE}/proof.json")
@allow(Action.PROOF_VIEW)
def proof(study: str, name: str) -> Response:
    """Download the proof bundle, from which anyone can derive every allocation again."""
    desk = open_desk(study, name)
    if not _may_prove(desk):
        raise NotAllowed("The proof names every arm, which you may not see.")
    if not _has_proof(desk, desk.versions()):
        raise Refused("There is no proof yet: its key has to be unsealed by two people first.")
    bundle = make_proof_bundle(
        reading(),
        services().concealment,
        study,
        name,
        knows_list=desk.may(Action.LIST_STATE_VIEW),
    )
    answer = make_response(bundle)
    answer.mimetype = "application/json"
    answer.headers["Content-Disposition"] = f'attachment; filename="proof-{study}-{name}.json"'
    return answer
