"""Values of items: read from what people type, stored as cells, shown again."""

from __future__ import annotations

from forms.values.cells import REDACTED, Cell, JsonCell, NotACell, Refusal, Value
from forms.values.files import Attached, attached_in
from forms.values.reading import read_missing, read_value
from forms.values.showing import Typed, show_value, typed_texts

__all__ = [
    "REDACTED",
    "Attached",
    "Cell",
    "JsonCell",
    "NotACell",
    "Refusal",
    "Typed",
    "Value",
    "attached_in",
    "read_missing",
    "read_value",
    "show_value",
    "typed_texts",
]
