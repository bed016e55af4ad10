"""The ground of every definition: frozen models and the names they may bear."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints


class Part(BaseModel):
    """A frozen piece of a study definition; an unknown key is a mistake, never ignored."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, validate_by_name=True, validate_by_alias=True
    )


def whole_number_as_text(value: object) -> object:
    """Let `code: 1` stand for the text "1"; a code is never a number."""
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_whole else value


Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,25}$")]
"""The name of an item, instrument, visit, gate, randomisation or event: 26 characters at most."""

StudySlug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
ArmName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,25}$")]
EventName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,25}(\.[a-z][a-z0-9_]{0,25})?$")
]
"""An event: `consent`, `recurrence`, or with its randomisation `allocation.duration`."""

Code = Annotated[
    str,
    BeforeValidator(whole_number_as_text, json_schema_input_type=str | int),
    StringConstraints(pattern=r"^-?[A-Za-z0-9][A-Za-z0-9_.\-]{0,49}$"),
]
VersionLabel = Annotated[
    str,
    BeforeValidator(whole_number_as_text, json_schema_input_type=str | int),
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$"),
]
Ending = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,10}$")]
"""How the name of an attached file ends, without the point and in small letters: pdf."""

Number = Annotated[Decimal, Field(ge=-(10**15), le=10**15, decimal_places=15)]
"""A limit or a factor, of no more digits than a typed number may have."""

Words = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True)]
Formula = Annotated[str, StringConstraints(min_length=1, max_length=65536)]
"""The text of an expression (docs/expressions.md); parsed and type-checked when loaded."""

Provenance = Annotated[
    str, StringConstraints(pattern=r"^(S[0-9]{0,3}[a-z]?|B|D|U)(, (S[0-9]{0,3}[a-z]?|B|D|U))*$")
]
"""Where a choice comes from: S or S22 = a public source, B = background knowledge of the field,
D = our own defensible default, U = could not be verified. Several are joined by a comma."""
