"""The forms of the page before randomisation: consent, blank items, enrolment, confirmation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from werkzeug.datastructures import MultiDict

from capture import clock
from capture.access import Action
from capture.entry.reads import REDACTED
from capture.entry.service import Submission
from capture.participants import reads as participants
from capture.participants.duplicates import derive_key
from capture.participants.records import Status
from capture.participants.service import ConsentTaken, Enrolment
from capture.problems import Refused
from capture.randomisation import reads
from capture.randomisation.allocation.service.eligibility import (
    ConfirmationResult,
    list_delegated_doctors,
)
from capture.randomisation.allocation.service.gate import Readiness
from capture.randomisation.allocation.service.missing_items import (
    list_blank_items,
    list_item_places,
    list_person_items,
)
from capture.randomisation.allocation.service.prerandomise import (
    PrerandomisationForm,
    PrerandomisationRequest,
)
from capture.randomisation.allocation.views.criteria import has_changed
from capture.randomisation.views.blueprint import RandomisationCase
from capture.randomisation.views.forms import (
    BirthForm,
    ConfirmationForm,
    DuplicateForm,
    PrerandomisationConsentForm,
    PrerandomisationEnrolForm,
)
from capture.study import reads as study_reads
from capture.web.act_forms import NOT_CHOSEN, ActForm, Sent
from capture.web.act_pages import list_errors
from capture.web.layout import PageError
from capture.web.perform import actor, reading, services
from forms.browser import page_scope
from forms.build import InstrumentForm, form_class
from forms.evaluation_scope import Place

CUT_SHORT = (
    "The page did not arrive whole, so nothing of it was stored. What arrived is below: check it, "
    "fill in what is missing, and send it again."
)


@dataclass(frozen=True)
class AskedInstrument:
    """The blank items of one entry, as a section of the page."""

    place: Place
    form: InstrumentForm
    version: int

    @property
    def title(self) -> str:
        return self.form.instrument.title

    @property
    def version_field(self) -> str:
        """A control name that cannot be the name of an item."""
        return f"version-{self.place.instrument}"


@dataclass
class PrerandomisationForms:
    """What the page asks; a part that is complete is None or empty."""

    case: RandomisationCase
    ready: Readiness
    consents: dict[str, PrerandomisationConsentForm] = field(default_factory=dict)
    asked: list[AskedInstrument] = field(default_factory=list)
    enrolment: PrerandomisationEnrolForm | None = None
    duplicate: DuplicateForm | None = None
    confirmation: ConfirmationForm | None = None

    @property
    def own_forms(self) -> Iterator[ActForm]:
        """The forms that belong to no instrument, in page order."""
        yield from self.consents.values()
        yield from (
            form for form in (self.enrolment, self.duplicate, self.confirmation) if form is not None
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left to fill in on the page."""
        return not self.asked and next(self.own_forms, None) is None

    @property
    def items(self) -> frozenset[str]:
        return frozenset(name for asked in self.asked for name in asked.form.answerable)

    @property
    def shown(self) -> str:
        """The items that the page asks, by which an incomplete submission is noticed."""
        return " ".join(sorted(self.items))

    @property
    def scope(self) -> str:
        """Return the values for the conditions in the page's scripts, of all forms, as JSON."""
        found: dict[str, object] = {}
        for asked in self.asked:
            here = self.ready.casebook.scope(clock.now(), asked.place)
            sent = json.loads(page_scope(type(asked.form), here, visit=asked.place.visit))
            for name, value in sent.items():
                known = found.setdefault(name, value)
                if isinstance(known, dict) and isinstance(value, dict):
                    known.update(value)
        return json.dumps(found, ensure_ascii=False)

    def validate(self) -> bool:
        """Validate all forms; return whether every one is valid."""
        own = [form.validate() for form in self.own_forms]
        sheets = [asked.form.validate() for asked in self.asked]
        return all(own) and all(sheets)

    def errors(self) -> list[PageError]:
        """Return the entries of the error summary, in page order."""
        found = [error for form in self.consents.values() for error in list_errors(None, form)]
        for asked in self.asked:
            found += [PageError(error.text, error.href) for error in asked.form.page_errors()]
        rest = [form for form in (self.enrolment, self.duplicate, self.confirmation) if form]
        return [*found, *(error for form in rest for error in list_errors(None, form))]


def make_forms(
    case: RandomisationCase, ready: Readiness, sent: Sent = None, *, keep: Iterable[str] = ()
) -> PrerandomisationForms:
    """Make the forms of what is open. keep: items to ask although they are no longer blank."""
    parts = PrerandomisationForms(case, ready)
    parts.consents = {
        scope: _read_consent(case, scope, sent) for scope in _list_missing_consents(case)
    }
    is_screened = case.person.status is Status.SCREENED
    parts.asked = _list_asked_instruments(
        case, ready, [*list_blank_items(ready, with_person=is_screened), *keep], sent
    )
    if is_screened:
        has_items = len(list_person_items(ready.study)) == 2
        parts.enrolment = (PrerandomisationEnrolForm if has_items else BirthForm)(
            sent, today=case.today
        )
        if sent is not None and "same-duplicate_reason" in sent:
            parts.duplicate = DuplicateForm(sent, today=case.today)
    if not case.is_signed and _needs_confirmation(case, ready):
        parts.confirmation = ConfirmationForm(sent, today=case.today)
        parts.confirmation.offer(_list_doctors(case))
    return parts


def _list_missing_consents(case: RandomisationCase) -> list[str]:
    """Return the scopes of consent that are needed and not in force today."""
    first = [case.study.consents[0].name] if case.person.status is Status.SCREENED else []
    wanted = dict.fromkeys([*first, case.randomisation.consent])
    today = case.today.isoformat()
    return [
        scope
        for scope in wanted
        if participants.find_consent_here(reading(), case.person, scope, today) is None
    ]


def _read_consent(case: RandomisationCase, scope: str, sent: Sent) -> PrerandomisationConsentForm:
    form = PrerandomisationConsentForm(sent, today=case.today, scope=scope)
    versions = study_reads.list_approved_versions(
        reading(), case.study.slug, case.person.site, scope, case.today.isoformat()
    )
    form.version.choices = {
        **NOT_CHOSEN,
        **{version: f"Version {version}" for version in reversed(versions)},
    }
    return form


def _list_asked_instruments(
    case: RandomisationCase, ready: Readiness, names: Iterable[str], sent: Sent
) -> list[AskedInstrument]:
    known = list_item_places(ready)
    by_place: dict[Place, set[str]] = {}
    for name in names:
        if name in known:
            by_place.setdefault(known[name], set()).add(name)
    found = [
        _make_asked_instrument(case, ready, place, frozenset(items), sent)
        for place, items in by_place.items()
    ]
    return [instrument for instrument in found if instrument is not None]


def _make_asked_instrument(
    case: RandomisationCase, ready: Readiness, place: Place, items: frozenset[str], sent: Sent
) -> AskedInstrument | None:
    """Make the form of some items of an entry; None where the role may not fill them in."""
    role = actor().role_for(Action.ENTRY_SAVE, case.study.slug, case.person.site)
    if role is None or case.form_address(place) is None:
        return None
    instrument = case.study.instrument(place.instrument)
    without = case.viewer.withheld.items
    kind = form_class(case.study, instrument, role=role, only=items, without=without)
    if not kind.answerable:
        return None
    entry = ready.casebook.entry(place)
    kept = entry.kept_cells if entry else {}
    cells = {name: cell for name, cell in kept.items() if cell.missing != REDACTED}
    form = kind(sent, cells=cells, today=case.today)
    return AskedInstrument(place, form, entry.version if entry else 0)


def _needs_confirmation(case: RandomisationCase, ready: Readiness) -> bool:
    standing = reads.find_confirmation_in_force(
        reading(), case.study.slug, case.person.id, case.randomisation.name
    )
    return standing is None or has_changed(standing, ready)


def _list_doctors(case: RandomisationCase) -> list[str]:
    today = case.today.isoformat()
    return list_delegated_doctors(reading(), case.study.slug, case.person.site, today)


def make_request(
    parts: PrerandomisationForms, sent: MultiDict[str, str]
) -> PrerandomisationRequest:
    """Make the request of a validated page. Raises Refused for an incomplete submission."""
    if "shown" not in sent or any(
        _read_version(instrument, sent) is None for instrument in parts.asked
    ):
        raise Refused(CUT_SHORT)
    return PrerandomisationRequest(
        consents=[
            ConsentTaken(
                scope, form.text("version"), form.text("consent_date"), form.text("taken_by")
            )
            for scope, form in parts.consents.items()
            if not form.errors
        ],
        sheets={instrument.place: _read_form(instrument, sent) for instrument in parts.asked},
        enrolment=_read_enrolment(parts),
        confirmed=_read_confirmation(parts.confirmation),
        likeness_key=derive_key(services().config.concealment_key),
    )


def _read_version(instrument: AskedInstrument, sent: Mapping[str, str]) -> int | None:
    text = sent.get(instrument.version_field, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _read_form(instrument: AskedInstrument, sent: Mapping[str, str]) -> PrerandomisationForm:
    form = instrument.form
    posted = Submission(form.cells(), form.refusals(), form.get_typed_texts(), form.confirms)
    return PrerandomisationForm(posted, _read_version(instrument, sent) or 0)


def _read_enrolment(parts: PrerandomisationForms) -> Enrolment:
    form, same = parts.enrolment, parts.duplicate
    is_asked = isinstance(form, BirthForm)
    return Enrolment(
        birth_date=form.text("birth_date") if form and is_asked else "",
        sex=form.text("sex") if form and is_asked else "",
        hospital_number=form.text("hospital_number") if form else "",
        duplicate_confirmed=bool(same and same.duplicate_confirmed.data),
        duplicate_reason=same.text("duplicate_reason") if same else "",
    )


def _read_confirmation(form: ConfirmationForm | None) -> ConfirmationResult | None:
    if form is None or form.errors:
        return None
    return ConfirmationResult(form.text("doctor"), form.text("date"), form.text("where_documented"))
