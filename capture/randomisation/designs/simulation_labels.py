"""The figures of a simulated design in words, for the page and for the command alike."""

from __future__ import annotations

from randomiser import Design, parameters_of
from randomiser.figures import percent
from randomiser.simulation.report import Report

FIGURES = (
    "Difference between the arms, everybody: mean",
    "Difference between the arms, everybody: SD",
    "Difference between the arms, everybody: largest",
    "Difference within a stratum: mean",
    "Difference within a stratum: SD",
    "Difference within a stratum: largest",
    "Next arm guessed, who counts a stratum at all sites",
    "Next arm guessed, who counts it at the own site",
    "Next arm guessed, who knows the design",
    "Next arm guessed, who also knows each block's size",
    "Arm known for sure to who knows the design",
    "Arm known for sure to who also knows each block's size",
    "Strata that never complete a block",
    "Strata without anybody",
    "People whom a full list refuses",
    "Largest departure of an arm's chance from its share",
)
"""What each row of a comparison says."""


def figures_of(report: Report) -> list[str]:
    """One text for each of FIGURES; an exact value stands alone where there is one."""
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
    """A design in one line: its method, parameters and factors."""
    parts = [design.method.label]
    for name, value in parameters_of(design).items():
        listed = ", ".join(map(str, value)) if isinstance(value, list) else value
        parts.append(f"{name.replace('_', ' ')} {listed}")
    for what, factors in (("strata", design.factors), ("minimised", design.minimised)):
        if factors:
            parts.append(f"{what}: {', '.join(factor.name for factor in factors)}")
    return "; ".join(parts)


def departure_words(report: Report) -> str:
    """The largest departure in words, with how far was looked."""
    largest = report.departure
    ratios = {arm.ratio for arm in report.design.arms}
    if largest is None and report.design.minimised and len(ratios) == 1:
        return "none, by symmetry"
    if not report.chances:
        return "not followed: too many kinds of people"
    if largest is None:
        return f"none among the first {len(report.chances)}"
    chance, share = percent(largest.chance), percent(largest.share)
    return f"{largest.arm} at number {largest.position}: {chance}, not {share}"


def decimal(value: float) -> str:
    """A number with two decimals, without needless zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
