"""Resolves two people's edits of one form: untouched items show what was saved meanwhile."""

from __future__ import annotations

from werkzeug.datastructures import MultiDict

from capture.entry import reads
from capture.entry.views.form_context import FormContext
from capture.entry.views.form_page import list_past_saves
from forms.build import InstrumentForm


def drop_untouched_items(
    context: FormContext, form: InstrumentForm, sent: MultiDict[str, str]
) -> MultiDict[str, str]:
    """What was sent, without the items that still hold what the page showed at first.

    context: the form as it stands now. form: what was sent, parsed. The other person's values show
    except where both changed one, so saving again never takes a value back unseen.
    """
    entry, version = context.entry, sent.get("version", "")
    if entry is None or not (version.isascii() and version.isdigit()):
        return sent
    base = reads.get_cells_at(entry, list_past_saves(context), int(version[:9]))
    untouched = {name for name, cell in form.cells().items() if cell == base.get(name)}
    return MultiDict(
        (name, text)
        for name, text in sent.items(multi=True)
        if get_item_name(name) not in untouched
    )


def get_item_name(control: str) -> str:
    """The item that a control belongs to: `weight_kg__missing`, `birth_date-day`."""
    return control.partition("__")[0].partition("-")[0]
