"""WTForms fields for items: they turn typed text into a cell or an error message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from markupsafe import Markup
from wtforms import Field
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta

from forms.definition import MissingReason
from forms.items import Item
from forms.values import Cell, Refusal, read_missing, read_value, show_value, typed_texts
from forms.values.cells import refuse
from forms.widgets import Question, Shown, Widget
from forms.widgets.display import ReadOnly

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from wtforms.fields.core import UnboundField

Bound = TypeVar("Bound", bound=Field)

BOTH = "there is a value and also a reason why it is missing; keep one of them"


class SentForm(Protocol):
    """The texts that a form sent, by name and in the order sent."""

    def getlist(self, name: str, /) -> Sequence[str]:
        """Return the texts of a name; empty when it was not sent."""

    def __contains__(self, name: str, /) -> bool:
        """Return whether anything was sent under the name."""


class ItemField(Field):
    """One item on a page: what was typed, the reason it is missing, and its cell.

    `was_sent` distinguishes "left blank" from "not sent" (a truncated form): only what was sent may
    change a stored value. Read-only items ignore the form.
    """

    def __init__(
        self, *, item: Item, control: Widget, reasons: Sequence[MissingReason], **options: Any
    ) -> None:
        super().__init__(label=item.label, **options)
        self.item = item
        self.control = control
        self.reasons = reasons
        self.is_read_only = isinstance(control, ReadOnly)
        self.cell: Cell | None = None
        self.texts: Sequence[str] = ()
        self.unit = ""
        self.missing = ""
        self.confirmed: frozenset[str] = frozenset()
        self.was_sent = False
        self.chosen = ""
        self.href = ""
        self.wrong_part: str | None = None
        self.questions: tuple[Question, ...] = ()
        self.below = Markup("")

    @property
    def first_id(self) -> str:
        """The id of the control that an error links to."""
        return self.control.first_id

    def process(
        self,
        formdata: SentForm | None,
        data: object = None,
        extra_filters: object = None,  # noqa: ARG002 - WTForms passes it
    ) -> None:
        """Read what the form sent or, without a form, the stored value."""
        self.cell = self.data = data if isinstance(data, Cell) else None
        self.errors, self.process_errors = (), []
        self.was_sent = (
            not self.is_read_only and formdata is not None and self._has_arrived(formdata)
        )
        # A derived value has no control, but its finding can be confirmed.
        sent = formdata.getlist(f"{self.name}__confirm") if formdata is not None else ()
        self.confirmed = frozenset(sent)
        if formdata is not None and self.was_sent:
            self._take(formdata)
        else:
            self._show_stored()
        if formdata is not None and self.item.attachment:
            self._notice_lost(formdata)

    def attach(self, text: str) -> None:
        """Set the attached file, `<SHA-256> <size> <name>`, after its bytes have been received."""
        self.texts, self.was_sent = (text,), True

    def refuse_file(self, name: str, words: str) -> None:
        """Refuse a chosen file; a draft keeps its name, so that the user can choose it again."""
        self.errors, self.chosen = (words,), name

    def validate(
        self,
        form: BaseForm,
        extra_validators: object = (),  # noqa: ARG002 - WTForms passes it
    ) -> bool:
        """Read what was sent as a cell; a refusal becomes the field's error."""
        if not self.was_sent:
            return True
        read = self._read(form.today)  # type: ignore[attr-defined]
        if isinstance(read, Refusal):
            self.errors, self.wrong_part = (read.words,), read.part
            return False
        self.data = read
        return True

    def sent_texts(self) -> Mapping[str, Sequence[str]]:
        """Return what was typed, by name of control, as a draft stores it."""
        sent: dict[str, Sequence[str]] = dict(self._boxes())
        if self.item.attachment:
            sent = {f"{self.name}__chosen": [self.chosen]}
        sent |= {f"{self.name}__missing": [self.missing], f"{self.name}__unit": [self.unit]}
        return {name: list(texts) for name, texts in sent.items() if any(texts)}

    def get_shown(self) -> Shown:
        """Return what the control shows."""
        return Shown(
            typed=self.texts,
            unit=self.unit,
            missing=self.missing,
            error=self.errors[0] if self.errors else None,
            wrong_part=self.wrong_part,
            questions=self.questions,
            words=self._words(),
            href=self.href,
            below=self.below,
        )

    def __call__(self, **kwargs: object) -> Markup:  # noqa: ARG002 - WTForms passes them
        """Return the control as HTML; the control escapes typed text."""
        return Markup(self.control.render(self.get_shown()))  # noqa: S704 - escaped by the control

    def _words(self) -> str:
        is_file = self.item.attachment and self.cell is not None and self.cell.value
        if self.is_read_only or is_file:
            return show_value(self.item, self.cell, self.reasons)
        return ""

    def _control_names(self) -> Sequence[str]:
        return [f"{self.name}-{box}" for box in self.item.boxes] or [self.name]

    def _boxes(self) -> Sequence[tuple[str, Sequence[str]]]:
        names = self._control_names()
        if len(names) == 1:
            return [(names[0], self.texts)]
        padded = [*self.texts, "", "", "", ""]
        return [(name, [padded[number]]) for number, name in enumerate(names)]

    def _has_arrived(self, formdata: SentForm) -> bool:
        if self.item.attachment:
            return self._has_file_arrived(formdata)
        names = (*self._control_names(), f"{self.name}__missing")
        return any(name in formdata for name in names)

    def _has_file_arrived(self, formdata: SentForm) -> bool:
        """Return whether the form changes the file; a stored file stays if nothing is sent."""
        says = any(_first(formdata, f"{self.name}__{mark}") for mark in ("missing", "remove"))
        return says or (
            f"{self.name}__missing" in formdata and f"{self.name}__attached" not in formdata
        )

    def _notice_lost(self, formdata: SentForm) -> None:
        """Add an error if the form has only the name of a file, which must be chosen again."""
        name = _first(formdata, f"{self.name}__chosen") or _first(formdata, self.name)
        if name and not self.is_read_only:
            words = f"“{name[:200]}” was chosen but is not stored; choose the file again"
            self.refuse_file(name, refuse(self.item, words).words)

    def _take(self, formdata: SentForm) -> None:
        names = self._control_names()
        if self.item.attachment:
            self.texts = ()
        elif len(names) == 1:
            self.texts = [text for text in formdata.getlist(names[0]) if text]
        else:
            self.texts = [_first(formdata, name) for name in names]
        self.unit = _first(formdata, f"{self.name}__unit")
        self.missing = _first(formdata, f"{self.name}__missing")
        self._take_typed_reason()

    def _take_typed_reason(self) -> None:
        """Take "ND" typed for a number or a date as the reason "Not done"."""
        if not self.item.takes_typed_reason:
            return
        texts = [text.strip().casefold() for text in self.texts if text.strip()]
        if len(texts) != 1 or texts[0][0].isdigit():
            return
        reason = typed_reasons(self.reasons).get(texts[0])
        if reason and self.missing in ("", reason):
            self.missing, self.texts = reason, ()

    def _show_stored(self) -> None:
        shown = typed_texts(self.item, self.cell)
        self.texts, self.unit = shown.texts, shown.unit or ""
        self.missing = (self.cell.missing or "") if self.cell else ""

    def _read(self, today: date) -> Cell | Refusal | None:
        missing = read_missing(self.item, self.missing, self.reasons)
        value = read_value(self.item, self.texts or ("",), today=today, unit=self.unit or None)
        if missing is None or isinstance(missing, Refusal):
            return missing or value
        if value is not None:
            return Refusal(f"{self.item.label.rstrip('?:. ')}: {BOTH}")
        return missing


class FieldsMadeOnce(DefaultMeta):
    """Gives each form copies of fields that are made once, which saves time."""

    def bind_field(
        self, form: BaseForm, unbound_field: UnboundField[Bound], options: MutableMapping[str, Any]
    ) -> Bound:
        """Return a form's own copy of a field, so that typed text is never in the original."""
        made = getattr(unbound_field, "made", None)
        if made is None:
            made = vars(super().bind_field(form, unbound_field, options)) | {"_form": None}
            unbound_field.made = made  # type: ignore[attr-defined]
        field = object.__new__(unbound_field.field_class)
        vars(field).update(made, _form=form, meta=form.meta)
        return field


def typed_reasons(reasons: Sequence[MissingReason]) -> Mapping[str, str]:
    """Return the abbreviations of missing reasons: their codes and, if unique, their initials."""
    initials = ["".join(word[0] for word in reason.label.split()).casefold() for reason in reasons]
    short = {
        letters: reason.code
        for letters, reason in zip(initials, reasons, strict=True)
        if len(letters) > 1 and initials.count(letters) == 1
    }
    return short | {reason.code.casefold(): reason.code for reason in reasons}


def _first(formdata: SentForm, name: str) -> str:
    texts = formdata.getlist(name)
    return texts[0] if texts else ""
