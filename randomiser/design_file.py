"""Reading a design from a concealed design file or from stored bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from randomiser.arms import Arm, Factor
from randomiser.design import Design, canonical
from randomiser.design_rules import arm_problems, factor_problems
from randomiser.method import DesignParts, Method
from randomiser.methods import METHODS
from randomiser.parameters import typed_value
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
    """Return the design made from a design file's content and the study's arms and factors.

    content: the parsed file: the parameters of the method by their names, such as
             {"sizes": [4, 6], "weights": [1, 1]} for permuted blocks. Weights may be left out and
             are then all 1; `first` is then 0 and `mistakes` "count".
    Raises DesignProblem naming every problem of the file and of the design.
    """
    known = METHODS.get(method)
    problems = [f"The method {method!r} does not exist; choose {' or '.join(METHODS)}."]
    given: dict[str, Any] = {}
    if known is not None:
        problems, given = _parameters(known, content, minimised)
    if known is None or problems:
        problems += [*arm_problems(arms), *factor_problems([*factors, *minimised])]
        if known is not None:
            problems += known.problems(DesignParts(arms, factors, minimised, given))
        raise DesignProblem(problems)
    return Design(
        randomisation=randomisation,
        version=version,
        method=known,
        arms=tuple(arms),
        factors=tuple(factors),
        minimised=tuple(minimised),
        **given,
    )


def _parameters(
    method: Method, content: object, minimised: Sequence[Factor]
) -> tuple[list[str], dict[str, Any]]:
    """Return the problems of the file and the parameters that could be read."""
    if not isinstance(content, Mapping):
        return ["The design file is not a list of names and values, such as sizes: [4, 6]."], {}
    if method.takes_list:
        return ["An uploaded list has no design file; upload the CSV file of the list itself."], {}
    own = {parameter.name for parameter in method.parameters}
    problems = [method.foreign_problem(key) for key in content if key not in own]
    given: dict[str, Any] = {}
    for parameter in method.parameters:
        name = parameter.name
        if parameter.omitted is not None and name not in content:
            given[name] = parameter.omitted(given, minimised)
            continue
        problem = parameter.file_problem(content.get(name))
        if problem:
            problems.append(problem)
        else:
            given[name] = _as_read(content[name])
    return problems, given


def _as_read(value: object) -> object:
    return tuple(value) if isinstance(value, list) else typed_value(value)


def from_canonical(data: bytes) -> Design:
    """Return the design from the bytes that `canonical` returned for it.

    Raises DesignProblem for any other bytes.
    """
    try:
        plain = json.loads(data)
        method = METHODS[plain["method"]]
        design = Design(
            randomisation=plain["randomisation"],
            version=plain["version"],
            method=method,
            arms=tuple(Arm(arm["name"], arm["ratio"]) for arm in plain["arms"]),
            factors=_factors(plain["factors"]),
            minimised=_factors(plain["minimised"]) if method.is_adaptive else (),
            **{
                parameter.name: parameter.as_typed(plain[parameter.name])
                for parameter in method.parameters
            },
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DesignProblem(["The stored design is not a design in canonical form."]) from error
    if canonical(design) != data:
        raise DesignProblem(["The stored design is not written in canonical form."])
    return design


def _factors(plain: Sequence[Mapping[str, Any]]) -> tuple[Factor, ...]:
    return tuple(
        Factor(factor["name"], None if factor["levels"] is None else tuple(factor["levels"]))
        for factor in plain
    )
