"""The concealed design file (a method's parameters) joined to what the study version says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from randomiser.arms import Arm, Factor
from randomiser.design import Design
from randomiser.design_rules import arm_problems, factor_problems
from randomiser.parameters import EXAMPLES, PARAMETERS, as_fraction, foreign, parameter_problems
from randomiser.problems import DesignProblem


def read_design(
    content: object,
    *,
    randomisation: str,
    version: int,
    method: str,
    arms: Sequence[Arm],
    factors: Sequence[Factor],
    minimised: Sequence[Factor] = (),
) -> Design:
    """Return the design made of a design file's content and the study's arms and factors.

    content: what the file holds once parsed: the parameters of the method by their names, such as
             {"sizes": [4, 6], "weights": [1, 1]} for permuted blocks. Weights may be left out and
             are then all 1; `first` is then 0 and `mistakes` "count".
    Raises DesignProblem naming every problem of the file and of the design.
    """
    problems, given = _parameters(method, content, minimised)
    if problems:
        more = [*arm_problems(arms), *factor_problems([*factors, *minimised])]
        raise DesignProblem([*problems, *more, *parameter_problems(method, arms, given, minimised)])
    return Design(
        randomisation=randomisation,
        version=version,
        method=method,
        arms=tuple(arms),
        factors=tuple(factors),
        minimised=tuple(minimised),
        **given,
    )


def _parameters(
    method: str, content: object, minimised: Sequence[Factor]
) -> tuple[list[str], dict[str, Any]]:
    """Return what is wrong with the file, and the parameters that could be read."""
    if not isinstance(content, Mapping):
        return ["The design file is not a list of names and values, such as sizes: [4, 6]."], {}
    own = PARAMETERS.get(method)
    if own is None:
        return [], {}
    if method == "uploaded_list":
        return ["An uploaded list has no design file; upload the CSV file of the list itself."], {}
    problems = [foreign(method, key) for key in content if key not in own]
    given: dict[str, Any] = {}
    for name in own:
        if name in LEFT_OUT and name not in content:
            given[name] = LEFT_OUT[name](given, minimised)
            continue
        problem = _unreadable(name, content.get(name))
        if problem:
            problems.append(problem)
        else:
            given[name] = _value(content[name])
    return problems, given


LEFT_OUT: Mapping[str, Callable[[Mapping[str, Any], Sequence[Factor]], object]] = {
    "weights": lambda given, _: (1,) * len(given.get("sizes", ())),
    "factor_weights": lambda _, minimised: (1,) * len(minimised),
    "first": lambda _, __: 0,
    "mistakes": lambda _, __: "count",
}
"""What a parameter is that a design file leaves out: our defaults [D]."""


def _unreadable(name: str, value: object) -> str | None:
    listed = name in {"sizes", "weights", "factor_weights"}
    if isinstance(value, list) if listed else value is not None:
        return None
    what = "a list of whole numbers" if listed else "one"
    said = "is missing" if value is None else f"is {value!r}"
    return f"{name} {said}; give {what}, such as {name}: {EXAMPLES[name]}."


def _value(value: object) -> object:
    return tuple(value) if isinstance(value, list) else as_fraction(value)
