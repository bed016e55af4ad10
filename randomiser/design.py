"""What a randomisation does: arms, ratio, factors and the concealed parameters of its method."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from randomiser.arms import Arm, Factor
from randomiser.canonical import canonical_json, name_problem
from randomiser.design_rules import (
    arm_problems,
    factor_problems,
    name_problems,
    size_problems,
    weight_problems,
)
from randomiser.problems import DesignProblem, UnknownLevel


@dataclass(frozen=True)
class Design:
    """One version of how a randomisation allocates; an impossible one cannot be made.

    randomisation: its name; with the study in it ("gist-imatinib/duration") the commitment
                   binds the study too.
    version:       1, 2, … ; each version has its own key and starts its lists at 1.
    sizes:         block sizes in people, each a multiple of the sum of the ratio.
    weights:       one positive whole number a size: the odds with which it is drawn.

    Raises DesignProblem naming every reason.
    """

    randomisation: str
    version: int
    method: str
    arms: tuple[Arm, ...]
    factors: tuple[Factor, ...]
    sizes: tuple[int, ...]
    weights: tuple[int, ...]

    def __post_init__(self) -> None:
        found = [
            *name_problems(self.randomisation, self.version, self.method),
            *arm_problems(self.arms),
            *factor_problems(self.factors),
            *size_problems(self.sizes, self.arms),
            *weight_problems(self.weights, self.sizes),
        ]
        if found:
            raise DesignProblem(found)

    @property
    def ratio_sum(self) -> int:
        """The smallest number of people in which the ratio holds exactly."""
        return sum(arm.ratio for arm in self.arms)


def canonical(design: Design) -> bytes:
    """Return the bytes of the design that its commitment covers.

    Source: docs/randomisation-protocol.md section 3.
    """
    return canonical_json(as_plain(design))


def as_plain(design: Design) -> dict[str, object]:
    """Return the design as the JSON object of protocol section 3 and of the proof bundle."""
    return {
        "arms": [{"name": arm.name, "ratio": arm.ratio} for arm in design.arms],
        "factors": [
            {"name": factor.name, "levels": None if factor.levels is None else list(factor.levels)}
            for factor in design.factors
        ],
        "method": design.method,
        "randomisation": design.randomisation,
        "sizes": list(design.sizes),
        "version": design.version,
        "weights": list(design.weights),
    }


def from_canonical(data: bytes) -> Design:
    """Return the design of bytes that `canonical` made.

    Raises DesignProblem when they are anything else.
    """
    try:
        plain = json.loads(data)
        design = Design(
            randomisation=plain["randomisation"],
            version=plain["version"],
            method=plain["method"],
            arms=tuple(Arm(arm["name"], arm["ratio"]) for arm in plain["arms"]),
            factors=tuple(
                Factor(one["name"], None if one["levels"] is None else tuple(one["levels"]))
                for one in plain["factors"]
            ),
            sizes=tuple(plain["sizes"]),
            weights=tuple(plain["weights"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DesignProblem(["The stored design is not a design in canonical form."]) from error
    if canonical(design) != data:
        raise DesignProblem(["The stored design is not spelt in canonical form."])
    return design


def level_codes(design: Design, levels: Mapping[str, str]) -> tuple[str, ...]:
    """Return one level code per factor, in the order of the design.

    levels: factor name to level code; exactly the factors of the design.
    Raises UnknownLevel naming the factor that is missing, unknown or without such a level.
    """
    extra = sorted(set(levels) - {factor.name for factor in design.factors})
    if extra:
        raise UnknownLevel(f"{extra[0]} is not a factor of {design.randomisation}; leave it out.")
    return tuple(_level_code(factor, levels.get(factor.name)) for factor in design.factors)


def _level_code(factor: Factor, code: str | None) -> str:
    from_list = factor.levels
    if code is None or code == "":
        raise UnknownLevel(f"{factor.name} has no level; enter the value it comes from.")
    if from_list is not None and code not in from_list:
        raise UnknownLevel(f"{factor.name} is {code!r}; the design knows {', '.join(from_list)}.")
    if from_list is None:
        _refuse_unwritable(factor, code)
    return code


def _refuse_unwritable(factor: Factor, code: str) -> None:
    problem = name_problem(f"The level of {factor.name}", code)
    if problem:
        raise UnknownLevel(problem)
