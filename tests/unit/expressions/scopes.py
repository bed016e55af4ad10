"""A scope for tests of expressions: values by the reference as written, facts by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from forms.expressions import Known, Mode, Reference, Value, evaluate, parse


@dataclass(frozen=True, slots=True)
class WrittenScope:
    """Values by the reference as an author writes it; what is not given is blank."""

    values: dict[str, Value] = field(default_factory=dict)
    facts: dict[str, Value] = field(default_factory=dict)

    def value(self, reference: Reference) -> Value:
        return self.values.get(str(reference))

    def now(self) -> str:
        return "2026-03-01 10:30:00"

    def today(self) -> str:
        return "2026-03-01"

    def context(self, name: str, arguments: Sequence[Known]) -> Value:
        return self.facts.get(" ".join([name, *map(str, arguments)]))


def redcap(text: str, **values: Value) -> Value:
    """The two-valued result, with values by item name."""
    return _evaluate(text, Mode.REDCAP, values)


def kleene(text: str, **values: Value) -> Value:
    """The three-valued result, with values by item name."""
    return _evaluate(text, Mode.KLEENE, values)


def _evaluate(text: str, mode: Mode, values: dict[str, Value]) -> Value:
    written = {f"[{name}]": value for name, value in values.items()}
    return evaluate(parse(text), WrittenScope(written), mode)
