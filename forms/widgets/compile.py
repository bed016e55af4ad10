"""Makes the control of each item once for a published form: its fixed HTML, ready for values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from forms.definition import (
    Choice,
    DateItem,
    DateTimeItem,
    DecimalNumber,
    Derived,
    FileItem,
    Integer,
    Item,
    MissingReason,
    MultipleChoice,
    Notes,
    SingleChoice,
    Statement,
    Text,
    TimeItem,
    VisualAnalogue,
    YesNo,
)
from forms.expressions import to_json
from forms.formulas import parsed
from forms.values.files import endings_words
from forms.widgets.choices import Select, checkboxes, grid_row, radios
from forms.widgets.display import ReadOnly, StatementText
from forms.widgets.inputs import DateBoxes, FileBox, TextArea, TextBox
from forms.widgets.parts import (
    Frame,
    Widget,
    hint_html,
    json_attribute,
    missing_control,
    options,
    safe,
)

INLINE_CHOICES = 4
INLINE_LABEL = 16
"""Up to this many choices of at most this many characters stand side by side."""


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What holds for a whole form: the study's missing reasons, and whether it is only read."""

    reasons: Sequence[MissingReason]
    read_only: bool = False


def condition(formula: str | None) -> object:
    """Give an expression as the tree that the browser evaluates; None when there is none."""
    return None if formula is None else to_json(parsed(formula))


def compile_widget(item: Item, settings: PageSettings, *, in_grid: bool = False) -> Widget:
    """Make the control of one item; a grid's rows are made one by one with `in_grid`."""
    if isinstance(item, Statement):
        words = f'<p class="app-statement">{safe(item.label)}</p>'
        hint = hint_html(item.name, item.hint)
        return StatementText(item.name, f"<div{_attributes(item)}>{words}{hint}</div>")
    if settings.read_only or isinstance(item, Derived):
        blank = "Worked out when the form is saved" if isinstance(item, Derived) else "Blank"
        return ReadOnly(
            item.name,
            _attributes(item),
            safe(item.label),
            blank,
            is_asked_about=not settings.read_only,
        )
    if in_grid and isinstance(item, SingleChoice):
        return grid_row(_grid_frame(item, settings), item.choices)
    return _compile_control(item, settings)


def _compile_control(item: Item, settings: PageSettings) -> Widget:
    match item:
        case SingleChoice(layout="select"):
            return _select(item, _labelled(item, settings))
        case SingleChoice() | YesNo():
            return _radios(item, settings)
        case MultipleChoice():
            frame = _grouped(item, settings)
            return checkboxes(frame, item.choices, _conditions(item.choices), item.alone)
        case DateItem() | DateTimeItem():
            return _date_boxes(item, settings)
        case Notes():
            return TextArea(_labelled(item, settings))
        case FileItem():
            accept = ",".join(f".{ending}" for ending in item.endings)
            return FileBox(_labelled(item, settings), accept, safe(item.label))
        case Text() | TimeItem() | Integer() | DecimalNumber() | VisualAnalogue():
            return _text_box(item, settings)
        case _:
            raise TypeError(f"no control is made for items of the type {item.type}")


def _attributes(item: Item) -> str:
    tree = condition(item.show_if)
    shown = f' data-show-if="{json_attribute(tree)}"' if tree is not None else ""
    return f' id="{item.name}-item" data-item="{item.name}" data-type="{item.type}"{shown}'


def _label_words(item: Item) -> str:
    optional = "" if item.required else ' <span class="app-optional">(optional)</span>'
    return f"{safe(item.label)}{_unit_words(item)}{optional}"


def _unit_words(item: Item) -> str:
    """Say the unit to those who cannot see it behind the box."""
    if not isinstance(item, Integer | DecimalNumber) or item.unit is None:
        return ""
    if isinstance(item, DecimalNumber) and item.other_units:
        return ""
    return f'<span class="nhsuk-u-visually-hidden">, in {safe(item.unit)}</span>'


def _labelled(item: Item, settings: PageSettings) -> Frame:
    head = f'<label class="nhsuk-label app-label" for="{item.name}">{_label_words(item)}</label>'
    return Frame(
        name=item.name,
        attributes=f"{_attributes(item)}{_soft_limits(item)}",
        head=head,
        hint=hint_html(item.name, _hint(item)),
        missing=missing_control(item, settings.reasons),
    )


def _grouped(item: Item, settings: PageSettings, *, row: bool = False) -> Frame:
    head = (
        '<legend class="nhsuk-fieldset__legend nhsuk-fieldset__legend--s app-label">'
        f"{_label_words(item)}</legend>"
    )
    return Frame(
        name=item.name,
        attributes=_attributes(item),
        head=head,
        hint=hint_html(item.name, _hint(item)),
        missing=missing_control(item, settings.reasons),
        legend=True,
        fieldset_class=" app-row" if row else "",
        item_class=" app-item--row" if row else "",
    )


def _grid_frame(item: Item, settings: PageSettings) -> Frame:
    return Frame(
        name=item.name,
        attributes=_attributes(item),
        head=safe(item.label),
        hint="",
        missing=missing_control(item, settings.reasons),
    )


def _hint(item: Item) -> str | None:
    example = None
    if isinstance(item, DateItem):
        example = "Write UK for a day or month that is not known" if item.partial else None
    if isinstance(item, FileItem):
        example = f"One file, {endings_words(item)}, at most {item.max_megabytes} MB"
    if isinstance(item, TimeItem):
        example = "24-hour clock, for example 14:30"
    return ". ".join(words for words in (item.hint, example) if words) or None


def _soft_limits(item: Item) -> str:
    if not isinstance(item, Integer | DecimalNumber) or item.soft is None:
        return ""
    limits = {"min": item.soft.minimum, "max": item.soft.maximum}
    unit = f' data-unit="{safe(item.unit)}"' if item.unit else ""
    return unit + "".join(
        f' data-soft-{key}="{number:f}"' for key, number in limits.items() if number is not None
    )


def _conditions(choices: Sequence[Choice]) -> Mapping[str, object]:
    return {choice.code: condition(choice.when) for choice in choices if choice.when is not None}


def _radios(item: SingleChoice | YesNo, settings: PageSettings) -> Widget:
    is_short = len(item.choices) <= INLINE_CHOICES and not any(
        choice.hint or len(choice.label) > INLINE_LABEL for choice in item.choices
    )
    frame = _grouped(item, settings, row=is_short)
    return radios(frame, item.choices, _conditions(item.choices), inline=is_short)


def _select(item: SingleChoice, frame: Frame) -> Select:
    choices = [(choice.code, choice.label) for choice in item.choices]
    own = f'id="{item.name}" name="{item.name}"'
    return Select(
        frame,
        plain=options(f'class="nhsuk-select" {own}', "Choose", choices),
        wrong=options(f'class="nhsuk-select nhsuk-select--error" {own}', "Choose", choices),
    )


def _date_boxes(item: DateItem | DateTimeItem, settings: PageSettings) -> DateBoxes:
    partial = isinstance(item, DateItem) and item.partial
    return DateBoxes(
        frame=replace(_grouped(item, settings), role=' role="group"'),
        with_time=isinstance(item, DateTimeItem),
        partial=partial,
        today_button=not partial,
    )


def _text_box(
    item: Text | TimeItem | Integer | DecimalNumber | VisualAnalogue, settings: PageSettings
) -> TextBox:
    frame = _labelled(item, settings)
    match item:
        case VisualAnalogue():
            return _line(item, frame)
        case Integer():
            return TextBox(frame, " nhsuk-input--width-5", _mode("numeric"), _suffix(item.unit))
        case DecimalNumber():
            return _decimal(item, frame)
        case TimeItem():
            return TextBox(frame, " nhsuk-input--width-5", _mode("numeric"))
        case Text():
            width = " nhsuk-input--width-20" if item.max_length <= 40 else ""
            return TextBox(frame, width, ' autocomplete="off"')


def _mode(mode: str) -> str:
    return f' inputmode="{mode}" autocomplete="off"'


def _suffix(unit: str | None) -> str:
    if unit is None:
        return ""
    return f'<div class="nhsuk-input-wrapper__suffix" aria-hidden="true">{safe(unit)}</div>'


def _decimal(item: DecimalNumber, frame: Frame) -> TextBox:
    width, mode = " nhsuk-input--width-5", _mode("decimal")
    if item.unit is None or not item.other_units:
        return TextBox(frame, width, mode, _suffix(item.unit))
    name = f"{item.name}__unit"
    label = safe(f"Unit of: {item.label}")
    attributes = f'class="nhsuk-select app-unit" id="{name}" name="{name}" aria-label="{label}"'
    factors = json_attribute({one.unit: f"{one.factor:f}" for one in item.other_units})
    units = [item.unit, *(one.unit for one in item.other_units)]
    chooser = options(f'{attributes} data-factors="{factors}"', None, [(u, u) for u in units])
    return TextBox(frame, width, mode, units=chooser)


def _line(item: VisualAnalogue, frame: Frame) -> TextBox:
    low, high = f"0: {safe(item.low_label)}", f"{item.steps}: {safe(item.high_label)}"
    return TextBox(
        frame,
        " nhsuk-input--width-4",
        f'{_mode("numeric")} data-line="{item.steps}"',
        before=f'<p class="app-line__ends"><span>{low}</span> <span>{high}</span></p>',
    )
