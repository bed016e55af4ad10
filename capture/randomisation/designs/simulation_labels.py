"""The figures of a simulated design in words, for the page and the command."""

from __future__ import annotations

from randomiser import Design, parameters_of
from randomiser.figures import percent
from randomiser.simulation.report import Report

FIGURES = (
    "Difference between the arms, all participants: mean",
    "Difference between the arms, all participants: SD",
    "Difference between the arms, all participants: largest",
    "Difference within a stratum: mean",
    "Difference within a stratum: SD",
    "Difference within a stratum: largest",
    "Next arm guessed correctly: counting a stratum at all sites",
    "Next arm guessed correctly: counting a stratum at the own site",
    "Next arm guessed correctly: knowing the design",
    "Next arm guessed correctly: also knowing each block's size",
    "Arm known for certain: knowing the design",
    "Arm known for certain: also knowing each block's size",
    "Strata that never complete a block",
    "Strata without participants",
    "Participants refused because a list is full",
    "Largest departure of an arm's chance from its share",
)
"""The labels of the rows of a comparison."""


def figures_of(report: Report) -> list[str]:
    """Return a text for each of FIGURES: the exact value where there is one, else the simulated."""
    simulated, exactly = report.simulated, report.exactly
    overall, strata, guessing = simulated.overall, simulated.strata, simulated.guessing
    return [
        decimal(overall.mean),
        decimal(exactly.overall_sd if exactly and exactly.overall_sd else overall.sd),
        f"{decimal(overall.largest)}",
        decimal(exactly.strata_mean if exactly else strata.mean),
        decimal(exactly.strata_sd if exactly else strata.sd),
        f"{decimal(strata.largest)}",
        percent(exactly.converged if exactly else guessing.stratum.value),
        percent(guessing.own_site.value),
        percent(guessing.designed.value),
        percent(exactly.informed if exactly else guessing.informed.value),
        percent(guessing.designed_certain.value),
        percent(exactly.certain if exactly else guessing.certain.value),
        "no blocks" if report.short is None else decimal(report.short),
        decimal(exactly.empty if exactly else simulated.empty),
        percent(simulated.refused),
        departure_words(report),
    ]


def design_words(design: Design) -> str:
    """Return a design in one line: its method, parameters and factors."""
    parts = [design.method.label]
    for name, value in parameters_of(design).items():
        listed = ", ".join(map(str, value)) if isinstance(value, list) else value
        parts.append(f"{name.replace('_', ' ')} {listed}")
    for what, factors in (("strata", design.factors), ("minimised", design.minimised)):
        if factors:
            parts.append(f"{what}: {', '.join(factor.name for factor in factors)}")
    return "; ".join(parts)


def departure_words(report: Report) -> str:
    """Return the largest departure in words, or how many allocations were examined."""
    largest = report.departure
    ratios = {arm.ratio for arm in report.design.arms}
    if largest is None and report.design.minimised and len(ratios) == 1:
        return "none, by symmetry"
    if not report.chances:
        return "not calculated: too many kinds of participants"
    if largest is None:
        return f"none among the first {len(report.chances)}"
    chance, share = percent(largest.chance), percent(largest.share)
    return f"{largest.arm} at number {largest.position}: {chance}, not {share}"


def decimal(value: float) -> str:
    """Format a number with up to two decimals, without trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
