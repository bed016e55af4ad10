"""Pieces that every control is made of: group, label, hint, error, missing reason, question."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from markupsafe import escape

if TYPE_CHECKING:
    from forms.definition import MissingReason
    from forms.items import BaseItem

ERROR_WORD = '<span class="nhsuk-u-visually-hidden">Error: </span>'


@dataclass(frozen=True, slots=True)
class Question:
    """A finding put to the person: stored as it is, and asked once whether it is right.

    confirmable: whether a tick settles it; else only another answer does.
    """

    message: str
    key: str
    confirmed: bool = False
    comment: str = ""
    confirmable: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """What one item shows: the texts of its boxes, and what is to be said about them.

    words: the stored value in words, for items that are only read.
    href: where an attached file is fetched; blank where it is not to be had.
    below: ready HTML of the page (a history link, an open query), put under the control.
    """

    typed: Sequence[str] = ()
    unit: str = ""
    missing: str = ""
    error: str | None = None
    wrong_part: str | None = None
    questions: Sequence[Question] = ()
    words: str = ""
    href: str = ""
    below: str = ""


class Widget(Protocol):
    """One item on a page."""

    @property
    def first_id(self) -> str:
        """The id of the control an error leads to."""

    def render(self, shown: Shown) -> str:
        """Return the item's HTML; every text of `shown` but `below` is escaped here."""


def safe(text: str) -> str:
    """Escape text for HTML; what cannot be sent as UTF-8 becomes a replacement character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return str(escape(text))


def stored_html(shown: Shown) -> str:
    """Return the stored value in words, as a link where an attached file is fetched."""
    words = safe(shown.words)
    return f'<a class="nhsuk-link" href="{safe(shown.href)}">{words}</a>' if shown.href else words


def json_attribute(value: object) -> str:
    """Return a value as compact JSON, escaped for a double-quoted attribute."""
    return safe(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def hint_html(name: str, words: str | None) -> str:
    """Return the hint under a label; nothing when there is none."""
    return f'<div class="nhsuk-hint" id="{name}-hint">{safe(words)}</div>' if words else ""


def error_html(name: str, words: str) -> str:
    """Return the message above a control that says what to correct."""
    return f'<span class="nhsuk-error-message" id="{name}-error">{ERROR_WORD}{safe(words)}</span>'


@dataclass(frozen=True, slots=True)
class Options:
    """A select with its blank first option, made once for each option that may be selected."""

    blank: str
    by_value: Mapping[str, str] = field(repr=False)

    def render(self, selected: str) -> str:
        """Return the select with this option selected; an unknown one selects the blank."""
        return self.by_value.get(selected, self.blank)


def options(attributes: str, blank: str | None, choices: Sequence[tuple[str, str]]) -> Options:
    """Make a select; `attributes` are its own, `blank` the words of its empty option."""
    entries = ([("", blank)] if blank is not None else []) + list(choices)

    def html(selected: str) -> str:
        lines = "".join(
            f'<option value="{safe(value)}"{" selected" if value == selected else ""}>'
            f"{safe(words)}</option>"
            for value, words in entries
        )
        return f"<select {attributes}>{lines}</select>"

    return Options(html(""), {value: html(value) for value, _ in entries})


@dataclass(frozen=True, slots=True)
class MissingControl:
    """The chip that opens the reasons why a value is missing; it works without scripts."""

    closed: str
    select: Options

    def render(self, selected: str) -> str:
        """Return the chip, open when a reason is chosen."""
        if not selected:
            return self.closed
        return f'<details class="app-missing" open>{self.select.render(selected)}</details>'


def missing_control(item: BaseItem, reasons: Sequence[MissingReason]) -> MissingControl:
    """Make the missing-reason control of an item."""
    name = f"{item.name}__missing"
    label = safe(item.label)
    attributes = f'class="nhsuk-select app-missing__reason" id="{name}" name="{name}"'
    select = options(
        attributes, "Clear reason", [(reason.code, reason.label) for reason in reasons]
    )
    hidden = f'<span class="nhsuk-u-visually-hidden">: {label}</span>'
    lead = (
        f'<summary class="app-missing__chip">Reason missing{hidden}</summary>'
        f'<label class="nhsuk-u-visually-hidden" for="{name}">Why it is missing: {label}</label>'
    )
    opened = Options(
        lead + select.blank, {key: lead + html for key, html in select.by_value.items()}
    )
    return MissingControl(f'<details class="app-missing">{lead}{select.blank}</details>', opened)


def questions_html(name: str, questions: Sequence[Question]) -> str:
    """Return what is asked about a value, each with the box that says it is right."""
    return "".join(
        _question_html(f"{name}__confirm", number, question)
        for number, question in enumerate(questions, start=1)
    )


def _question_html(control: str, number: int, question: Question) -> str:
    identity = control if number == 1 else f"{control}-{number}"
    words = safe(question.message)
    if question.confirmed:
        return f'<p class="app-question app-question--answered">{words} <b>Confirmed.</b></p>'
    if not question.confirmable:
        return (
            f'<div class="app-question" id="{identity}" role="status" data-not-asked>'
            f'<p class="app-question__words">{words}</p></div>'
        )
    return (
        f'<div class="app-question" role="status"><p class="app-question__words" '
        f'id="{identity}-words">{words}</p>'
        '<div class="nhsuk-checkboxes nhsuk-checkboxes--small"><div class="nhsuk-checkboxes__item">'
        f'<input class="nhsuk-checkboxes__input" id="{identity}" name="{control}" type="checkbox" '
        f'value="{safe(question.key)}" aria-describedby="{identity}-words">'
        f'<label class="nhsuk-label nhsuk-checkboxes__label" for="{identity}">'
        "Confirmed correct</label></div></div></div>"
    )


@dataclass(frozen=True, slots=True)
class Frame:
    """The group around one control; with `legend` a fieldset, else a label for one box."""

    name: str
    attributes: str
    head: str
    hint: str
    missing: MissingControl | None
    legend: bool = False
    fieldset_class: str = ""
    role: str = ""
    item_class: str = ""

    def described_by(self, shown: Shown) -> str:
        """Return the attribute that ties hint and error to the control."""
        ids = [f"{self.name}-hint"] if self.hint else []
        if shown.error:
            ids.append(f"{self.name}-error")
        return f' aria-describedby="{" ".join(ids)}"' if ids else ""

    def wrap(self, shown: Shown, control: str) -> str:
        """Put the control into its group, with all that is said about it."""
        error = error_html(self.name, shown.error) if shown.error else ""
        wrong = " nhsuk-form-group--error" if shown.error else ""
        inner = f"{self.head}{self.hint}{error}{control}"
        if self.legend:
            opening = f'<fieldset class="nhsuk-fieldset{self.fieldset_class}"{self.role}'
            inner = f"{opening}{self.described_by(shown)}>{inner}</fieldset>"
        after = self.missing.render(shown.missing) if self.missing else ""
        if shown.questions:
            after += questions_html(self.name, shown.questions)
        return (
            f'<div class="nhsuk-form-group app-item{self.item_class}{wrong}"{self.attributes}>'
            f"{inner}{after}{shown.below}</div>"
        )
