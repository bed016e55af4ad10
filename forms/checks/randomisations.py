"""Check that a randomisation is possible: gate, consent, arms and complete levels."""

from __future__ import annotations

from forms.checks.context import CheckContext
from forms.definition import Factor, Randomisation, Role
from forms.expressions import Fact, Reference
from forms.expressions.names import ItemType, Kind
from forms.expressions.problems import ExpressionProblem
from forms.expressions.tree import Literal
from forms.formulas import parse_formula
from forms.yaml_tree import Path

METHODS = {
    "permuted_blocks": False,
    "simple": False,
    "random_allocation_rule": False,
    "efron_biased_coin": False,
    "chen_biased_coin": False,
    "big_stick": False,
    "wei_urn": False,
    "block_urn": False,
    "maximal_procedure": False,
    "minimisation": True,
    "hu_hu": True,
    "uploaded_list": False,
}
"""The randomiser's methods, and whether each balances `minimisation_factors`.

A study that names another cannot be published. A factor is one of those or a stratum, never both.
"""
FEWEST_ARMS = 2
MOST_ARMS = 26
LARGEST_RATIO = 50
LONGEST_ARM = 26
SITE_STAFF = frozenset({Role.NURSE, Role.INVESTIGATOR})


def prove_randomisations(ground: CheckContext) -> None:
    """Note names in a randomisation that do not exist, and levels that do not cover all codes."""
    study = ground.study
    if study.randomisations and "arm_visibility" not in study.model_fields_set:
        words = "say under `arm_visibility` which roles see the arms"
        ground.problem(["randomisations"], words)
    for randomisation in study.randomisations:
        path = ["randomisations", randomisation.name]
        ground.require_known(
            [*path, "gate"], randomisation.gate, {g.name for g in study.gates}, "gate"
        )
        scopes = {scope.name for scope in study.consents}
        ground.require_known([*path, "consent"], randomisation.consent, scopes, "consent")
        ground.require_known([*path, "method"], randomisation.method, METHODS, "method")
        _factors(ground, randomisation)
        _arms(ground, randomisation)
        _check_blinding(ground, randomisation)
    arms = [arm.arm for randomisation in study.randomisations for arm in randomisation.arms]
    for arm in sorted({arm for arm in arms if arms.count(arm) > 1}):
        owner = next(o for o in reversed(study.randomisations) if arm in {a.arm for a in o.arms})
        last = max(index for index, a in enumerate(owner.arms) if a.arm == arm)
        place: Path = ["factorial"] if owner.factorial else ["arms", last]
        words = f"there are two arms `{arm}`; rename one"
        ground.problem(["randomisations", owner.name, *place], words)


def _arms(ground: CheckContext, randomisation: Randomisation) -> None:
    """Note problems of the arms, listed or products of questions, within the engine's limits."""
    path = ["randomisations", randomisation.name]
    if bool(randomisation.listed_arms) == bool(randomisation.factorial):
        words = "give either `arms` or, for several questions at once, `factorial`"
        ground.problem(path, words)
        return
    if len(randomisation.open_arms) < FEWEST_ARMS:
        words = "fewer than two arms are open; a randomisation needs two to choose from"
        ground.problem([*path, "factorial" if randomisation.factorial else "arms"], words)
    if not randomisation.factorial:
        return
    questions = [question.question for question in randomisation.factorial]
    ground.require_unique([*path, "factorial"], questions, "questions")
    if len(randomisation.arms) > MOST_ARMS:
        count = len(randomisation.arms)
        words = f"the questions make {count} product arms; at most {MOST_ARMS} are possible"
        ground.problem([*path, "factorial"], words)
        return
    for arm in randomisation.arms:
        if len(arm.arm) > LONGEST_ARM:
            words = f"the product arm `{arm.arm}` is longer than {LONGEST_ARM} letters"
            ground.problem([*path, "factorial"], f"{words}; shorten the names of its arms")
        if arm.ratio > LARGEST_RATIO:
            words = f"the product arm `{arm.arm}` has the ratio {arm.ratio}"
            ground.problem([*path, "factorial"], f"{words}; at most {LARGEST_RATIO} is possible")


def _check_blinding(ground: CheckContext, randomisation: Randomisation) -> None:
    seeing = sorted(SITE_STAFF.intersection(ground.study.arm_visibility.visible_to))
    if randomisation.blinded and seeing:
        words = f"`{randomisation.name}` is blinded, but `arm_visibility` shows arms to {seeing[0]}"
        ground.problem(["randomisations", randomisation.name, "blinded"], words)


def _factors(ground: CheckContext, randomisation: Randomisation) -> None:
    path = ["randomisations", randomisation.name]
    names = [factor.factor for factor in randomisation.factors]
    ground.require_unique([*path, "strata"], names, "factors")
    for factor in randomisation.strata:
        _factor(ground, randomisation, [*path, "strata", factor.factor], factor)
    for factor in randomisation.minimisation_factors:
        _factor(ground, randomisation, [*path, "minimisation_factors", factor.factor], factor)
    adaptive = METHODS.get(randomisation.method, False)
    if adaptive and not randomisation.minimisation_factors:
        words = f"`{randomisation.method}` balances factors; list them under `minimisation_factors`"
        ground.problem([*path, "method"], words)
    if randomisation.minimisation_factors and not adaptive:
        words = f"`{randomisation.method}` balances no factors; list them under `strata`"
        ground.problem([*path, "minimisation_factors"], words)


def _factor(
    ground: CheckContext, randomisation: Randomisation, path: list[str], factor: Factor
) -> None:
    found = _type(ground, randomisation, factor)
    if found is None:
        return
    if found.kind is not Kind.CHOICE or found.codes is None:
        words = "a factor is read from one item with choices, a site attribute or another arm"
        ground.problem([*path, "from"], words)
        return
    if factor.levels is None:
        if not factor.source.strip().startswith("site."):
            ground.problem(path, "say which codes make which level under `levels`")
        return
    _levels(ground, path, factor, found.codes)


def _levels(ground: CheckContext, path: list[str], factor: Factor, codes: frozenset[str]) -> None:
    levels = factor.levels or {}
    if len(levels) < 2:
        ground.problem([*path, "levels"], "a factor needs at least two levels")
    owner: dict[str, str] = {}
    for level, listed in levels.items():
        for code in listed:
            if code in owner:
                words = f"code `{code}` is in the levels `{owner[code]}` and `{level}`"
                ground.problem([*path, "levels", level], words)
            elif code not in codes:
                words = f"level `{level}` lists the code `{code}`, which cannot be answered"
                ground.problem([*path, "levels", level], words)
            owner.setdefault(code, level)
    for code in sorted(codes - set(owner)):
        ground.problem([*path, "levels"], f"code `{code}` is in no level; every answer needs one")


def _earlier_arm(
    ground: CheckContext, randomisation: Randomisation, factor: Factor, fact: Fact
) -> ItemType | None:
    """Return the arms of another randomisation that a factor names; None if it names none."""
    named = [each.value for each in fact.arguments if isinstance(each, Literal)]
    if not named or named[0] == randomisation.name:
        path = ["randomisations", randomisation.name, "strata", factor.factor, "from"]
        words = "name another randomisation here, as in allocation('first').arm"
        ground.problem(path, words)
        return None
    arms = ground.names.arms(str(named[0]))
    return None if arms is None else ItemType(Kind.CHOICE, arms)


def _type(ground: CheckContext, randomisation: Randomisation, factor: Factor) -> ItemType | None:
    """Return a factor's possible codes without those marked unknown; None if it cannot be read."""
    try:
        root = parse_formula(factor.source).root
    except ExpressionProblem:
        return None
    if isinstance(root, Fact) and root.name == "allocation.arm":
        return _earlier_arm(ground, randomisation, factor, root)
    if isinstance(root, Fact) and root.name.startswith("site."):
        return ground.names.site_attribute(root.name.removeprefix("site."))
    if not isinstance(root, Reference):
        return ItemType(Kind.ANY)
    if root.item not in ground.study.item_names:
        return None
    item = ground.study.item(root.item)
    unknown = {choice.code for choice in item.answers if choice.unknown}
    found = item.expression_type
    return ItemType(found.kind, None if found.codes is None else found.codes - unknown)
