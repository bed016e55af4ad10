"""Proof that a randomisation can be carried out: gate, consent, arms, complete levels."""

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
    """Everything a randomisation names exists, and its levels divide all codes."""
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
        _blinded(ground, randomisation)
    arms = [arm.arm for randomisation in study.randomisations for arm in randomisation.arms]
    for arm in sorted({arm for arm in arms if arms.count(arm) > 1}):
        owner = next(o for o in reversed(study.randomisations) if arm in {a.arm for a in o.arms})
        last = max(index for index, a in enumerate(owner.arms) if a.arm == arm)
        place: Path = ["factorial"] if owner.factorial else ["arms", last]
        words = f"there are two arms `{arm}`; rename one"
        ground.problem(["randomisations", owner.name, *place], words)


def _arms(ground: CheckContext, one: Randomisation) -> None:
    """Arms are listed, or are the product of questions; the randomiser has its limits."""
    path = ["randomisations", one.name]
    if bool(one.listed_arms) == bool(one.factorial):
        words = "give either `arms` or, for several questions at once, `factorial`"
        ground.problem(path, words)
        return
    if len(one.open_arms) < FEWEST_ARMS:
        words = "fewer than two arms are open; a randomisation needs two to choose from"
        ground.problem([*path, "factorial" if one.factorial else "arms"], words)
    if not one.factorial:
        return
    questions = [question.question for question in one.factorial]
    ground.require_unique([*path, "factorial"], questions, "questions")
    if len(one.arms) > MOST_ARMS:
        words = f"the questions make {len(one.arms)} product arms; at most {MOST_ARMS} are possible"
        ground.problem([*path, "factorial"], words)
        return
    for arm in one.arms:
        if len(arm.arm) > LONGEST_ARM:
            words = f"the product arm `{arm.arm}` is longer than {LONGEST_ARM} letters"
            ground.problem([*path, "factorial"], f"{words}; shorten the names of its arms")
        if arm.ratio > LARGEST_RATIO:
            words = f"the product arm `{arm.arm}` has the ratio {arm.ratio}"
            ground.problem([*path, "factorial"], f"{words}; at most {LARGEST_RATIO} is possible")


def _blinded(ground: CheckContext, one: Randomisation) -> None:
    seeing = sorted(SITE_STAFF.intersection(ground.study.arm_visibility.visible_to))
    if one.blinded and seeing:
        words = f"`{one.name}` is blinded, but `arm_visibility` shows arms to {seeing[0]}"
        ground.problem(["randomisations", one.name, "blinded"], words)


def _factors(ground: CheckContext, one: Randomisation) -> None:
    path = ["randomisations", one.name]
    names = [factor.factor for factor in one.factors]
    ground.require_unique([*path, "strata"], names, "factors")
    for factor in one.strata:
        _factor(ground, one, [*path, "strata", factor.factor], factor)
    for factor in one.minimisation_factors:
        _factor(ground, one, [*path, "minimisation_factors", factor.factor], factor)
    adaptive = METHODS.get(one.method, False)
    if adaptive and not one.minimisation_factors:
        words = f"`{one.method}` balances factors; list them under `minimisation_factors`"
        ground.problem([*path, "method"], words)
    if one.minimisation_factors and not adaptive:
        words = f"`{one.method}` balances no factors; list them under `strata`"
        ground.problem([*path, "minimisation_factors"], words)


def _factor(ground: CheckContext, one: Randomisation, path: list[str], factor: Factor) -> None:
    found = _type(ground, one, factor)
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
    ground: CheckContext, one: Randomisation, factor: Factor, fact: Fact
) -> ItemType | None:
    """The arms of the other randomisation that a factor names; None when it names none such."""
    named = [each.value for each in fact.arguments if isinstance(each, Literal)]
    if not named or named[0] == one.name:
        path = ["randomisations", one.name, "strata", factor.factor, "from"]
        words = "name another randomisation here, as in allocation('first').arm"
        ground.problem(path, words)
        return None
    arms = ground.names.arms(str(named[0]))
    return None if arms is None else ItemType(Kind.CHOICE, arms)


def _type(ground: CheckContext, one: Randomisation, factor: Factor) -> ItemType | None:
    """The codes a factor can find, answers marked unknown left out; None when it cannot be read."""
    try:
        root = parse_formula(factor.source).root
    except ExpressionProblem:
        return None
    if isinstance(root, Fact) and root.name == "allocation.arm":
        return _earlier_arm(ground, one, factor, root)
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
