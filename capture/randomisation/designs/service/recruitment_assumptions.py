"""The participants expected in a simulated trial: sizes of sites, frequencies of levels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from capture.access import Role
from capture.problems import InvalidInput
from capture.study.reads import Site
from capture.visibility import shows_arms_to
from forms.definition import Factor, Study
from randomiser.simulation.advice import Trial
from randomiser.simulation.population import Population
from randomiser.simulation.population import Site as SimulatedSite

Shares = Mapping[str, int]
SITE_STAFF = {Role.NURSE, Role.INVESTIGATOR}
MADE_UP_SITES = 10
LARGEST = 50_000
LONGEST_NUMBER = 9
LONGEST_RECRUITMENT = 2_000


@dataclass(frozen=True)
class RecruitmentAssumptions:
    """Whole-number shares of each site, and of each level of factors not read from the site."""

    sites: Shares
    levels: Mapping[str, Shares]


def make_default_assumptions(
    study: Study, sites: Sequence[Site], name: str
) -> RecruitmentAssumptions:
    """Return the default assumptions.

    Sites have the sizes of their recruitment targets; unless all have one, the last by name has
    size 1, the one before 2 and so on. A study without sites gets ten made-up ones. The levels of
    a factor are equally likely.
    """
    known = [site.slug for site in sites] or [f"site_{n + 1}" for n in range(MADE_UP_SITES)]
    targets = [site.target for site in sites if site.target]
    sizes = targets if len(targets) == len(known) else list(range(len(known), 0, -1))
    return RecruitmentAssumptions(
        sites=dict(zip(known, sizes, strict=True)),
        levels={
            factor.factor: dict.fromkeys(factor.levels or (), 1)
            for factor in study.randomisation(name).factors
            if not comes_from_site(factor)
        },
    )


def count_to_recruit(study: Study) -> int:
    """Return the recruitment target of the study, within what a page can simulate."""
    last = max(study.recruitment_target, key=lambda target: target.date_from)
    return min(last.number, LONGEST_RECRUITMENT)


def comes_from_site(factor: Factor) -> bool:
    """Return whether a factor is read from an attribute of the site."""
    return factor.source.strip().startswith("site.")


def trial_of(
    study: Study, sites: Sequence[Site], name: str, expected: RecruitmentAssumptions, people: int
) -> Trial:
    """Make the trial that a design is simulated for.

    Raises InvalidInput for a site that is unknown or has no value for a factor.
    """
    randomisation = study.randomisation(name)
    by_site = [factor for factor in randomisation.factors if comes_from_site(factor)]
    known = {site.slug: site.attributes_on("9999-12-31") for site in sites}
    found = []
    for number, (slug, size) in enumerate(expected.sites.items()):
        if known and slug not in known:
            raise InvalidInput(
                "sites", f"The study has no site {slug!r}; it has {', '.join(known)}."
            )
        levels = {
            factor.factor: _level(study, factor, slug, known.get(slug), number)
            for factor in by_site
        }
        found.append(SimulatedSite(slug, size, levels))
    return Trial(
        population=Population(tuple(found), expected.levels),
        people=people,
        is_open_label=not randomisation.blinded and shows_arms_to(study, SITE_STAFF),
        site_factors=frozenset(factor.factor for factor in by_site),
    )


def _level(
    study: Study, factor: Factor, slug: str, known: Mapping[str, str] | None, number: int
) -> str:
    """Return the level at a site; made-up sites take the codes in turn."""
    attribute = factor.source.strip().removeprefix("site.")
    if known is None:
        choices = study.site_attribute(attribute).choices
        code = choices[number % len(choices)].code
    elif attribute in known:
        code = known[attribute]
    else:
        words = f"The site {slug} has no {attribute}, which {factor.factor} is read from."
        raise InvalidInput("sites", words)
    if factor.levels is None:
        return code
    return next(level for level, codes in factor.levels.items() if code in codes)


def shares_of_lines(field: str, text: str) -> Shares:
    """Read lines such as `oslo: 5`. Raises InvalidInput at the field, naming the line."""
    found: dict[str, int] = {}
    for line in filter(str.strip, text.splitlines()):
        name, _, number = (part.strip() for part in line.partition(":"))
        is_number = number.isascii() and number.isdigit() and len(number) <= LONGEST_NUMBER
        if not name or not is_number or int(number) > LARGEST:
            raise InvalidInput(
                field,
                f"{line.strip()[:80]!r} is not a name, a colon and a whole number up to {LARGEST}, "
                "such as oslo: 5.",
            )
        if name in found:
            raise InvalidInput(field, f"{name} is there twice; leave one of the lines out.")
        found[name] = int(number)
    if not any(found.values()):
        raise InvalidInput(field, "No line has a number above 0; give at least one.")
    return found


def lines_of_shares(shares: Shares) -> str:
    """Return shares as lines that `shares_of_lines` reads."""
    return "\n".join(f"{name}: {share}" for name, share in shares.items())


def read_assumptions(content: object, default: RecruitmentAssumptions) -> RecruitmentAssumptions:
    """Read a file with `sites:` and `levels:`; what it lacks is taken from the default.

    Raises InvalidInput naming the line.
    """
    if not isinstance(content, Mapping) or not set(content) <= {"sites", "levels"}:
        words = "The file of people has `sites:` and `levels:`, each with names and whole numbers."
        raise InvalidInput("people", words)
    levels = content.get("levels", {})
    unknown = (
        [level for level in levels if level not in default.levels] if _is_table(levels) else ["?"]
    )
    if unknown:
        known = ", ".join(default.levels) or "none"
        words = f"levels: {unknown[0]} is no factor that levels are given for; those are {known}."
        raise InvalidInput("people", words)
    return RecruitmentAssumptions(
        sites=_shares("sites", content.get("sites", default.sites)),
        levels={
            name: _shares(f"levels: {name}", levels.get(name, shares))
            for name, shares in default.levels.items()
        },
    )


def _is_table(content: object) -> bool:
    return isinstance(content, Mapping)


def _shares(place: str, content: object) -> Shares:
    if not isinstance(content, Mapping):
        raise InvalidInput("people", f"{place}: give names with whole numbers, such as oslo: 5.")
    lines = "\n".join(f"{name}: {share}" for name, share in content.items())
    try:
        return shares_of_lines("people", lines)
    except InvalidInput as problem:
        raise InvalidInput("people", f"{place}: {problem.message}") from problem
