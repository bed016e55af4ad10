"""Controls that are chosen from: radios, a list, checkboxes, and a grid of radios."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from forms.widgets.parts import (
    Frame,
    Options,
    Shown,
    error_html,
    hint_html,
    json_attribute,
    options,
    questions_html,
    safe,
)

if TYPE_CHECKING:
    from forms.items import Choice

CHECKED = " checked"


def sent_marker(name: str) -> str:
    """Return the empty hidden box by which a save tells "nothing chosen" from "never sent"."""
    return f'<input type="hidden" name="{name}" value="">'


@dataclass(frozen=True, slots=True)
class Radios:
    """One of a few choices; made once for each answer that may be checked."""

    frame: Frame
    blank: str = field(repr=False)
    by_code: Mapping[str, str] = field(repr=False)

    @property
    def first_id(self) -> str:
        """The first radio."""
        return self.frame.name

    def render(self, shown: Shown) -> str:
        """Return the radios; text that is no choice checks none."""
        chosen = shown.typed[0] if shown.typed else ""
        return self.frame.wrap(shown, self.by_code.get(chosen, self.blank))


def radios(
    frame: Frame, choices: Sequence[Choice], conditions: Mapping[str, object], *, inline: bool
) -> Radios:
    """Make radios; a last one, seen only without scripts, takes an answer back."""
    classes = "nhsuk-radios nhsuk-radios--small" + (" nhsuk-radios--inline" if inline else "")
    kind = OptionKind("nhsuk-radios", "radio", frame.name, conditions)

    def html(chosen: str) -> str:
        return (
            f'{sent_marker(frame.name)}<div class="{classes}" data-module="nhsuk-radios">'
            f"{kind.options(choices, chosen)}{no_answer(frame.name)}</div>"
        )

    return Radios(frame, html(""), {choice.code: html(choice.code) for choice in choices})


def no_answer(name: str) -> str:
    """Return the radio that clears the others where no script can."""
    identity = f"{name}-none"
    return (
        '<div class="nhsuk-radios__item app-no-answer">'
        f'<input class="nhsuk-radios__input" id="{identity}" name="{name}" type="radio" value="">'
        f'<label class="nhsuk-label nhsuk-radios__label" for="{identity}">No answer</label></div>'
    )


@dataclass(frozen=True, slots=True)
class OptionKind:
    """What the options of one item have in common; `conditions` are trees by code."""

    block: str
    control: str
    name: str
    conditions: Mapping[str, object]
    alone: Sequence[str] = ()
    is_grid: bool = False

    def option(self, number: int, choice: Choice, *, checked: bool) -> str:
        """Return one radio or checkbox with its label and hint; the first has the item's own id."""
        identity = self.name if number == 1 else f"{self.name}-{number}"
        described = f' aria-describedby="{identity}-item-hint"' if choice.hint else ""
        alone = " data-alone" if choice.code in self.alone else ""
        return (
            f'<div class="{self.block}__item"{self._condition(choice)}>'
            f'<input class="{self.block}__input" id="{identity}" name="{self.name}" '
            f'type="{self.control}" value="{safe(choice.code)}"{CHECKED if checked else ""}{alone}'
            f"{described}{self._radio_label_attribute(identity)}>"
            f'<label class="nhsuk-label {self.block}__label"{self._words_id(identity)} '
            f'for="{identity}">'
            f"{safe(choice.label)}</label>{self._hint(identity, choice)}</div>"
        )

    def _radio_label_attribute(self, identity: str) -> str:
        """In a grid each radio is called by its row and its column."""
        if not self.is_grid:
            return ""
        return f' aria-labelledby="{self.name}-label {identity}-words"'

    def _words_id(self, identity: str) -> str:
        return f' id="{identity}-words"' if self.is_grid else ""

    def _condition(self, choice: Choice) -> str:
        when = self.conditions.get(choice.code)
        return f' data-when="{json_attribute(when)}"' if when is not None else ""

    def _hint(self, identity: str, choice: Choice) -> str:
        if not choice.hint:
            return ""
        return (
            f'<div class="nhsuk-hint {self.block}__hint" id="{identity}-item-hint">'
            f"{safe(choice.hint)}</div>"
        )

    def options(self, choices: Sequence[Choice], chosen: str) -> str:
        """Return all options, that of the chosen code checked."""
        return "".join(
            self.option(number, choice, checked=choice.code == chosen)
            for number, choice in enumerate(choices, start=1)
        )


@dataclass(frozen=True, slots=True)
class Checkboxes:
    """Any of a few choices; each is kept in both of its states."""

    frame: Frame
    open: str
    boxes: Sequence[tuple[str, str, str]] = field(repr=False)

    @property
    def first_id(self) -> str:
        """The first box."""
        return self.frame.name

    def render(self, shown: Shown) -> str:
        """Return the boxes, those of the chosen codes checked."""
        chosen = set(shown.typed)
        boxes = "".join(on if code in chosen else off for code, off, on in self.boxes)
        return self.frame.wrap(shown, f"{self.open}{boxes}</div>")


def checkboxes(
    frame: Frame,
    choices: Sequence[Choice],
    conditions: Mapping[str, object],
    alone: Sequence[str] = (),
) -> Checkboxes:
    """Make checkboxes; those of `alone` unchecks the others where scripts run."""
    opening = (
        f'{sent_marker(frame.name)}<div class="nhsuk-checkboxes nhsuk-checkboxes--small" '
        'data-module="nhsuk-checkboxes">'
    )
    kind = OptionKind("nhsuk-checkboxes", "checkbox", frame.name, conditions, alone)
    boxes = tuple(
        (
            choice.code,
            kind.option(number, choice, checked=False),
            kind.option(number, choice, checked=True),
        )
        for number, choice in enumerate(choices, start=1)
    )
    return Checkboxes(frame, opening, boxes)


@dataclass(frozen=True, slots=True)
class Select:
    """One of a long list of choices."""

    frame: Frame
    plain: Options
    wrong: Options

    @property
    def first_id(self) -> str:
        """The list itself."""
        return self.frame.name

    def render(self, shown: Shown) -> str:
        """Return the list with the answer selected."""
        chosen = shown.typed[0] if shown.typed else ""
        html = (self.wrong if shown.error else self.plain).render(chosen)
        described = self.frame.described_by(shown)
        return self.frame.wrap(shown, html.replace("<select ", f"<select{described} ", 1))


def make_choice_list(frame: Frame, choices: Sequence[Choice]) -> Select:
    """Make a list to choose one from."""
    pairs = [(choice.code, choice.label) for choice in choices]
    own = f'id="{frame.name}" name="{frame.name}"'
    return Select(
        frame,
        plain=options(f'class="nhsuk-select" {own}', "Choose", pairs),
        wrong=options(f'class="nhsuk-select nhsuk-select--error" {own}', "Choose", pairs),
    )


@dataclass(frozen=True, slots=True)
class GridRow:
    """One statement of a grid: a group of radios, each with its words as label."""

    frame: Frame
    blank: str = field(repr=False)
    by_code: Mapping[str, str] = field(repr=False)

    @property
    def first_id(self) -> str:
        """The first radio of the row."""
        return self.frame.name

    def render(self, shown: Shown) -> str:
        """Return the row: statement, error, radios, missing reason."""
        name = self.frame.name
        chosen = shown.typed[0] if shown.typed else ""
        error = error_html(name, shown.error) if shown.error else ""
        wrong = " nhsuk-form-group--error" if shown.error else ""
        missing = self.frame.missing.render(shown.missing) if self.frame.missing else ""
        answers = self.by_code.get(chosen, self.blank)
        below = f"{missing}{questions_html(name, shown.questions)}{shown.below}"
        return (
            f'<div class="app-grid__row app-item{wrong}"{self.frame.attributes} role="radiogroup" '
            f'aria-labelledby="{name}-label"{self.frame.described_by(shown)}>'
            f'<div class="app-grid__statement"><span id="{name}-label">{self.frame.head}</span>'
            f'{error}</div>{answers}<div class="app-grid__more">{below}</div></div>'
        )


def grid_row(frame: Frame, choices: Sequence[Choice]) -> GridRow:
    """Make one row of a grid."""
    kind = OptionKind("nhsuk-radios", "radio", frame.name, {}, is_grid=True)

    def html(chosen: str) -> str:
        return (
            '<div class="app-grid__answers nhsuk-radios nhsuk-radios--small">'
            f"{sent_marker(frame.name)}{kind.options(choices, chosen)}{no_answer(frame.name)}</div>"
        )

    return GridRow(frame, html(""), {choice.code: html(choice.code) for choice in choices})


def grid_opening(
    name: str, label: str, hint: str | None, choices: Sequence[Choice], show_if: object
) -> str:
    """Return what stands before the rows of a grid; show_if: the tree of its condition."""
    heads = "".join(f"<span>{safe(choice.label)}</span>" for choice in choices)
    shown = f' data-show-if="{json_attribute(show_if)}"' if show_if is not None else ""
    return (
        f'<div class="app-grid" role="group" aria-labelledby="{name}-title"{shown}>'
        f'<p class="app-label" id="{name}-title">{safe(label)}</p>'
        f"{hint_html(name, hint)}"
        '<div class="app-grid__table"><div class="app-grid__heads" aria-hidden="true">'
        f"<span></span><div>{heads}</div></div>"
    )
