"""The classes of allocation methods; each method has its own file in `methods/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

from randomiser.allocation import Places
from randomiser.arms import Arm, Factor
from randomiser.design_rules import ratio_words, total_of
from randomiser.parameters import LARGEST_FACTOR_WEIGHT, Parameter, whole_problems

if TYPE_CHECKING:  # a design knows its method
    from randomiser.counts import Counts
    from randomiser.design import Design
    from randomiser.draw import Draw


@dataclass(frozen=True)
class DesignParts:
    """The parts of a design before it is checked; the design may turn out to be impossible.

    given: the parameters by their names; some may be missing, wrong or unknown to the method.
    """

    arms: Sequence[Arm]
    factors: Sequence[Factor]
    minimised: Sequence[Factor]
    given: Mapping[str, object]


Limit = Callable[["Method", DesignParts], Iterator[str]]
"""Why a method cannot have a design of these parts, in words."""
Described = list[tuple[str, str]]
"""Labels with their values, as the design page has them."""


def parameter_words(design: Design) -> Described:
    """Return the parameters of a design with their labels."""
    return [
        (parameter.label, _in_words(parameter.as_plain(getattr(design, parameter.name))))
        for parameter in design.method.parameters
    ]


def _in_words(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value).replace("_", " ")


@dataclass(frozen=True, eq=False, kw_only=True)
class Method:
    """One allocation method, declared in its own file.

    A `StepMethod` (randomiser/stepwise.py) allocates one participant at a time from the key alone,
    a `ListMethod` makes its lists from the key alone in another way, and an `AdaptiveMethod` uses
    earlier participants' levels and arms as well.

    name:       its name in studies, designs and proof bundles; it never changes.
    label:      its name on pages.
    parameters: the parameters in its design file, in the order of the messages.
    limits:     rules for possible designs, in addition to the parameters' own rules.
    warnings:   disadvantages of possible designs, in words.
    describe:   returns a design in words for the design page.
    takes_list: whether the arms come from an uploaded file, so that nothing is drawn.
    """

    is_adaptive: ClassVar[bool] = False  # whether earlier participants matter too

    name: str
    label: str
    parameters: tuple[Parameter, ...] = ()
    limits: tuple[Limit, ...] = ()
    warnings: tuple[Callable[[Design], Iterator[str]], ...] = ()
    describe: Callable[[Design], Described] = parameter_words
    takes_list: bool = False

    def __str__(self) -> str:
        """Return the name as it is written in a sentence."""
        return self.name.replace("_", " ")

    def list_places(self, design: Design, name: str, draw: Draw) -> Places:  # noqa: ARG002
        """Yield the allocations of the list with this name, from position 1 on.

        Raises KeyError for an adaptive method, whose lists do not follow from the key alone.
        """
        raise KeyError(self.name)

    def problems(self, parts: DesignParts) -> Iterator[str]:
        """Yield every reason why these parts are not a possible design of the method."""
        own = {parameter.name for parameter in self.parameters}
        yield from (self.foreign_problem(name) for name in parts.given if name not in own)
        for limit in self.limits:
            yield from limit(self, parts)
        for parameter in self.parameters:
            if parameter.name in parts.given:
                yield from parameter.problems(parts.given[parameter.name], parts.arms)
        if self.is_adaptive and not parts.minimised:
            yield f"{self} has no factor to balance; name one under minimisation_factors."
        if not self.is_adaptive and parts.minimised:
            yield f"{self} balances no factors; name {parts.minimised[0].name} as a stratum."

    def foreign_problem(self, name: object) -> str:
        """Return a message that a name is not a parameter of this method."""
        own = " and ".join(parameter.name for parameter in self.parameters) or "nothing: write {}"
        return f"{name!s} is not a parameter of {self}; a design file has {own}."

    def offered_file(self, arms: Sequence[Arm]) -> dict[str, object]:
        """Return the content of a design file to start from, with the required parameters only."""
        return {
            parameter.name: parameter.offer(arms)
            for parameter in self.parameters
            if parameter.omitted is None
        }


@dataclass(frozen=True, eq=False, kw_only=True)
class ListMethod(Method):
    """A method that makes its lists from the design and the key in its own way.

    places: yields the allocations of a list.
    """

    places: Callable[[Design, str, Draw], Places]

    def list_places(self, design: Design, name: str, draw: Draw) -> Places:
        """Yield the allocations of a list from position 1 on."""
        return self.places(design, name, draw)


@dataclass(frozen=True, eq=False, kw_only=True)
class AdaptiveMethod(Method):
    """A method that uses the levels and arms of earlier participants.

    odds: takes the counts; returns one whole number for each arm and the imbalance that each arm
          would leave.
    counts_together: whether it uses the participants with the same level of all minimised factors.
    """

    is_adaptive = True

    odds: Callable[[Design, Counts], tuple[Sequence[int], Sequence[Any]]]
    counts_together: bool = False


def two_equal_arms(method: Method, parts: DesignParts) -> Iterator[str]:
    """Yield why a method for two arms in the ratio 1:1 cannot have these arms."""
    ratio = ratio_words(parts.arms)
    if total_of(parts.arms) is not None and ratio != "1:1":
        yield f"The ratio {ratio} is not possible: {method} takes two arms 1:1."


def equal_arms(method: Method, parts: DesignParts) -> Iterator[str]:
    """Yield why a method for arms of equal share cannot have these arms."""
    if total_of(parts.arms) is not None and len({arm.ratio for arm in parts.arms}) > 1:
        ratio = ratio_words(parts.arms)
        yield f"The ratio {ratio} is not possible: {method} takes arms of equal share."


def fair_coin(design: Design) -> Iterator[str]:
    """Yield a warning when the coin is fair, because a fair coin does not balance the arms."""
    if design.p == Fraction(1, 2):
        yield "p is 1/2: the coin is fair and does not balance the arms."


def factor_weights_from(least: int) -> Limit:
    """Return the rule that every minimised factor has a weight: a whole number from `least` on."""

    def limit(_: Method, parts: DesignParts) -> Iterator[str]:
        weights = parts.given.get("factor_weights")
        if not isinstance(weights, Sequence):
            return
        if len(weights) != len(parts.minimised):
            yield (
                f"There are {len(weights)} factor weights for {len(parts.minimised)} minimisation "
                "factors; give one for each, in their order."
            )
        for weight in weights:
            yield from whole_problems("A factor weight", weight, least, LARGEST_FACTOR_WEIGHT)

    return limit
