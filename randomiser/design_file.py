"""The concealed design file (sizes and weights) joined to what the study version says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from randomiser.arms import Arm, Factor
from randomiser.design import Design
from randomiser.design_rules import (
    arm_problems,
    factor_problems,
    size_problems,
    weight_problems,
)
from randomiser.problems import DesignProblem

KEYS = ("sizes", "weights")


def read_design(
    content: object,
    *,
    randomisation: str,
    version: int,
    method: str,
    arms: Sequence[Arm],
    factors: Sequence[Factor],
) -> Design:
    """Return the design made of a design file's content and the study's arms and factors.

    content: what the file holds once parsed, such as {"sizes": [4, 6], "weights": [1, 1]};
             weights may be left out and are then all 1.
    Raises DesignProblem naming every problem of the file and of the design.
    """
    problems, sizes, weights = _parameters(content)
    if problems:
        raise DesignProblem([*problems, *_other_problems(arms, factors, sizes, weights)])
    return Design(
        randomisation=randomisation,
        version=version,
        method=method,
        arms=tuple(arms),
        factors=tuple(factors),
        sizes=tuple(sizes or ()),
        weights=tuple(weights or ()),
    )


def _parameters(content: object) -> tuple[list[str], list[int] | None, list[int] | None]:
    if not isinstance(content, Mapping):
        return ["The design file is not a list of names and values, such as sizes: [4, 6]."], [], []
    problems = [
        f"{key!s} is not a parameter of permuted blocks; a design file has sizes and weights."
        for key in content
        if key not in KEYS
    ]
    sizes = _listed("sizes", content.get("sizes"), problems)
    weights: list[int] | None = None
    if "weights" in content:
        weights = _listed("weights", content["weights"], problems)
    elif sizes is not None:
        weights = [1] * len(sizes)
    return problems, sizes, weights


def _listed(name: str, value: object, problems: list[str]) -> list[int] | None:
    if isinstance(value, list):
        return value
    said = "is missing" if value is None else f"is {value!r}"
    problems.append(f"{name} {said}; give a list of whole numbers, such as {name}: [4, 6].")
    return None


def _other_problems(
    arms: Sequence[Arm],
    factors: Sequence[Factor],
    sizes: list[int] | None,
    weights: list[int] | None,
) -> list[str]:
    found = [*arm_problems(arms), *factor_problems(factors)]
    if sizes:
        found += size_problems(sizes, arms)
    if sizes and weights:
        found += weight_problems(weights, sizes)
    return found
