"""Controls that are typed into: text, notes, numbers with units, times, dates, a mark on a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forms.widgets.parts import Frame, Options, Shown, json_attribute, options, safe, stored_html

DATE_PARTS = (("day", "Day", "2"), ("month", "Month", "3"), ("year", "Year", "4"))
TIME_PART = ("time", "Time", "5")


@dataclass(frozen=True, slots=True)
class TextBox:
    """One line: text, a number, a time; with a unit behind it or a choice of units."""

    frame: Frame
    classes: str
    attributes: str
    suffix: str = ""
    units: Options | None = None
    before: str = ""
    after: str = ""

    @property
    def first_id(self) -> str:
        """The box itself."""
        return self.frame.name

    def render(self, shown: Shown) -> str:
        """Return the box with what stands in it."""
        name = self.frame.name
        wrong = " nhsuk-input--error" if shown.error else ""
        value = safe(shown.typed[0]) if shown.typed else ""
        box = (
            f'<input class="nhsuk-input{self.classes}{wrong}" id="{name}" name="{name}" '
            f'type="text" value="{value}"{self.attributes}{self.frame.described_by(shown)}>'
        )
        if self.units:
            box = f'<div class="app-with-unit">{box}{self.units.render(shown.unit)}</div>'
        elif self.suffix:
            box = f'<div class="nhsuk-input-wrapper">{box}{self.suffix}</div>'
        return self.frame.wrap(shown, f"{self.before}{box}{self.after}")


def typing_attributes(keyboard: str) -> str:
    """Return the attributes of a box that is typed into; keyboard: the keys a telephone offers."""
    return f' inputmode="{keyboard}" autocomplete="off"'


def unit_suffix(unit: str | None) -> str:
    """Return the unit behind a box; nothing without one."""
    if unit is None:
        return ""
    return f'<div class="nhsuk-input-wrapper__suffix" aria-hidden="true">{safe(unit)}</div>'


def make_unit_chooser(name: str, label: str, unit: str, factors: Mapping[str, str]) -> Options:
    """Make the choice of units behind a box; factors: of the further units, by unit."""
    control, words = f"{name}__unit", safe(f"Unit of: {label}")
    attributes = f'class="nhsuk-select app-unit" id="{control}" name="{control}"'
    told = f'aria-label="{words}" data-factors="{json_attribute(factors)}"'
    return options(f"{attributes} {told}", None, [(choice, choice) for choice in (unit, *factors)])


@dataclass(frozen=True, slots=True)
class TextArea:
    """Several lines of text."""

    frame: Frame
    rows: int = 4

    @property
    def first_id(self) -> str:
        """The box itself."""
        return self.frame.name

    def render(self, shown: Shown) -> str:
        """Return the box; the first line end is the parser's, not the person's."""
        name = self.frame.name
        wrong = " nhsuk-textarea--error" if shown.error else ""
        value = safe(shown.typed[0]) if shown.typed else ""
        return self.frame.wrap(
            shown,
            f'<textarea class="nhsuk-textarea{wrong}" id="{name}" name="{name}" '
            f'rows="{self.rows}"{self.frame.described_by(shown)}>\n{value}</textarea>',
        )


@dataclass(frozen=True, slots=True)
class DateBoxes:
    """Day, month and year in three boxes, for a date and time a fourth."""

    frame: Frame
    with_time: bool
    partial: bool
    today_button: bool

    @property
    def first_id(self) -> str:
        """The box of the day."""
        return f"{self.frame.name}-day"

    def render(self, shown: Shown) -> str:
        """Return the boxes; only the one to correct is marked wrong, or all when none is named."""
        parts = (*DATE_PARTS, TIME_PART) if self.with_time else DATE_PARTS
        boxes = "".join(self._box(shown, number, part) for number, part in enumerate(parts))
        button = " data-today-button" if self.today_button else ""
        return self.frame.wrap(
            shown,
            f'<div class="nhsuk-date-input" id="{self.frame.name}" data-date-boxes{button}>'
            f"{boxes}</div>",
        )

    def _box(self, shown: Shown, number: int, part: tuple[str, str, str]) -> str:
        key, label, width = part
        name = f"{self.frame.name}-{key}"
        value = safe(shown.typed[number]) if number < len(shown.typed) else ""
        is_wrong = shown.error is not None and shown.wrong_part in (None, key)
        wrong = " nhsuk-input--error" if is_wrong else ""
        group = " nhsuk-form-group--error" if is_wrong else ""
        digits = not self.partial and key in ("day", "year")
        mode = "numeric" if digits else "text"
        return (
            f'<div class="nhsuk-date-input__item"><div class="nhsuk-form-group{group}">'
            f'<label class="nhsuk-label nhsuk-date-input__label" for="{name}">{label}</label>'
            f'<input class="nhsuk-input nhsuk-input--width-{width} nhsuk-date-input__input{wrong}" '
            f'id="{name}" name="{name}" type="text" value="{value}" inputmode="{mode}" '
            f'autocomplete="off">'
            "</div></div>"
        )


@dataclass(frozen=True, slots=True)
class FileBox:
    """A file to attach; the one already there is named, and kept unless another is chosen."""

    frame: Frame
    accept: str
    label: str

    @property
    def first_id(self) -> str:
        """The box itself."""
        return self.frame.name

    def render(self, shown: Shown) -> str:
        """Return the file control; browsers never let a page fill it in."""
        name = self.frame.name
        return self.frame.wrap(
            shown,
            f"{self._show_attached(shown)}"
            f'<input class="app-file" id="{name}" name="{name}" type="file" '
            f'accept="{self.accept}"{self.frame.described_by(shown)}>',
        )

    def _show_attached(self, shown: Shown) -> str:
        """Return the file that is there, with the box that takes it away; nothing without one."""
        if not shown.words:
            return ""
        name = self.frame.name
        return (
            f'<p class="app-value">Attached: {stored_html(shown)}</p>'
            f'<input type="hidden" name="{name}__attached" value="1">'
            '<div class="nhsuk-checkboxes nhsuk-checkboxes--small">'
            '<div class="nhsuk-checkboxes__item">'
            f'<input class="nhsuk-checkboxes__input" id="{name}__remove" name="{name}__remove" '
            'type="checkbox" value="1">'
            f'<label class="nhsuk-label nhsuk-checkboxes__label" for="{name}__remove">'
            "Take this file out of the form"
            f'<span class="nhsuk-u-visually-hidden">: {self.label}</span></label></div></div>'
        )
