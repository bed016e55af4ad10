"""The design of a randomisation: arms, ratio, factors and the parameters of its method.

The parameters are concealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from fractions import Fraction
from functools import cached_property

from randomiser.arms import Arm, Factor
from randomiser.canonical import canonical_json, name_problem
from randomiser.design_rules import arm_problems, factor_problems, name_problems
from randomiser.draw import list_name
from randomiser.list_rules import UploadedList
from randomiser.method import DesignParts, Method
from randomiser.problems import DesignProblem, UnknownLevel


@dataclass(frozen=True)
class Design:
    """One version of the design of a randomisation; the constructor refuses an impossible one.

    randomisation: its name. When it includes the study ("gist-imatinib/duration"), the commitment
                   binds the study too.
    version:       1, 2, … ; each version has its own key and starts its lists at 1.
    method:        decides which of the parameters below are given; the others are left out.
    sizes:         block sizes in participants, each a multiple of the sum of the ratio.
    weights:       a positive whole number for each size: the odds with which it is drawn.
    people:        how many participants a list takes, a multiple of the sum of the ratio.
    p:             the probability of the arm that is behind, from 1/2 to below 1.
    tolerance:     the largest difference allowed between two arms, in participants.
    alpha, beta:   balls of each arm at the start; balls of every other arm added after each draw.
    balanced_sets: how many sets of balls in the ratio are in the urn at the start.
    minimised:     the factors that minimisation balances within the strata given by `factors`.
    measure:       the measure of imbalance within a factor, for minimisation.
    factor_weights: a whole number for each minimised factor.
    overall_weight, stratum_weight: weights of Hu and Hu's imbalance overall and of the imbalance
                   in all factors together.
    first:         how many of a stratum are allocated by the ratio alone before balancing begins.
    mistakes:      "count": participants randomised in error count with the levels used for their
                   allocation. "leave_out": from their annotation on they do not count or, after a
                   wrong stratum, count with the correct levels.
    file_hash:     SHA-256 of the file that an uploaded list came in, hexadecimal.
    lists:         the uploaded list of each stratum, in ascending order of their levels.

    Raises DesignProblem naming every reason.
    """

    randomisation: str
    version: int
    method: Method
    arms: tuple[Arm, ...]
    factors: tuple[Factor, ...]
    sizes: tuple[int, ...] = ()
    weights: tuple[int, ...] = ()
    people: int = 0
    p: Fraction = Fraction(0)
    tolerance: int = 0
    alpha: int = 0
    beta: int = 0
    balanced_sets: int = 0
    measure: str = ""
    factor_weights: tuple[int, ...] = ()
    overall_weight: int = 0
    stratum_weight: int = 0
    first: int = 0
    mistakes: str = ""
    minimised: tuple[Factor, ...] = ()
    file_hash: str = ""
    lists: tuple[UploadedList, ...] = ()

    def __post_init__(self) -> None:
        found = [
            *name_problems(self.randomisation, self.version),
            *arm_problems(self.arms),
            *factor_problems([*self.factors, *self.minimised]),
            *self.method.problems(
                DesignParts(self.arms, self.factors, self.minimised, _given_parameters(self))
            ),
        ]
        if found:
            raise DesignProblem(found)

    @cached_property
    def ratio_sum(self) -> int:
        """The smallest number of participants in which the ratio holds exactly."""
        return sum(arm.ratio for arm in self.arms)


def _given_parameters(design: Design) -> dict[str, object]:
    """Return the method's parameters and any others that were given."""
    own = {parameter.name for parameter in design.method.parameters}
    values = {field.name: (getattr(design, field.name), field.default) for field in _OPTIONAL}
    return {name: value for name, (value, unset) in values.items() if name in own or value != unset}


_OPTIONAL = tuple(
    field for field in fields(Design) if field.default is not MISSING and field.name != "minimised"
)


def canonical(design: Design) -> bytes:
    """Return the bytes of the design that its commitment covers.

    Source: docs/randomisation-protocol.md section 3.
    """
    return canonical_json(as_plain(design))


def as_plain(design: Design) -> dict[str, object]:
    """Return the design as the JSON object of protocol section 3 and of the proof bundle."""
    return {
        "arms": [{"name": arm.name, "ratio": arm.ratio} for arm in design.arms],
        "factors": _plain_factors(design.factors),
        "method": design.method.name,
        **({"minimised": _plain_factors(design.minimised)} if is_adaptive(design) else {}),
        "randomisation": design.randomisation,
        "version": design.version,
        **parameters_of(design),
    }


def is_adaptive(design: Design) -> bool:
    """Return whether the arm depends on earlier participants' levels as well as on the key."""
    return design.method.is_adaptive


def _plain_factors(factors: Sequence[Factor]) -> list[dict[str, object]]:
    return [
        {"name": factor.name, "levels": None if factor.levels is None else list(factor.levels)}
        for factor in factors
    ]


def parameters_of(design: Design) -> dict[str, object]:
    """Return the parameters of the design's method as JSON values, as in a design file."""
    return {
        parameter.name: parameter.as_plain(getattr(design, parameter.name))
        for parameter in design.method.parameters
    }


def list_of(design: Design, levels: Mapping[str, str]) -> str:
    """Return the name of the list for these levels (factor to code). Raises UnknownLevel."""
    return list_name(design.randomisation, design.version, level_codes(design, levels))


def level_codes(design: Design, levels: Mapping[str, str]) -> tuple[str, ...]:
    """Return one level code per stratum factor, in the order of the design.

    levels: factor name to level code, for exactly the factors of the design, with minimised ones.
    Raises UnknownLevel naming the factor that is missing, unknown or without such a level.
    """
    factors = [*design.factors, *design.minimised]
    extra = sorted(set(levels) - {factor.name for factor in factors})
    if extra:
        raise UnknownLevel(f"{extra[0]} is not a factor of {design.randomisation}; leave it out.")
    codes = [_level_code(factor, levels.get(factor.name)) for factor in factors]
    return tuple(codes[: len(design.factors)])


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
