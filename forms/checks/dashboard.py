"""Check of a dashboard's sources: dated targets, and scores that are numbers at visits."""

from __future__ import annotations

from forms.checks.context import CheckContext
from forms.definition import Instrument, Score
from forms.items import Item
from forms.items.surroundings import Purpose


def prove_dashboard(ground: CheckContext) -> None:
    """Note targets that are out of order or impossible, and scores that cannot be plotted."""
    targets = ground.study.recruitment_target
    dates = [target.date_from for target in targets]
    if dates != sorted(set(dates)):
        ground.problem(["recruitment_target"], "the targets must follow one another by date")
    for index, target in enumerate(targets):
        if target.by is not None and target.by <= target.date_from:
            words = "`by` must lie after `from`; give the day by which the number is to be reached"
            ground.problem(["recruitment_target", index, "by"], words)
    ground.require_unique(["scores"], [score.item for score in ground.study.scores], "scores")
    for index, score in enumerate(ground.study.scores):
        _score(ground, index, score)


def _score(ground: CheckContext, index: int, score: Score) -> None:
    study = ground.study
    path: list[str | int] = ["scores", index]
    ground.require_known([*path, "item"], score.item, study.item_names, "item")
    if score.worst is not None and score.worst == score.best:
        ground.problem([*path, "best"], "`worst` and `best` must be two ends of the scale")
    if score.item in study.item_names:
        words = _why_not(study.item(score.item), study.instrument_of(score.item))
        if words:
            ground.problem([*path, "item"], f"`{score.item}` {words}")


def _why_not(item: Item, instrument: Instrument) -> str:
    if Purpose.SCORE not in item.serves:
        return "is no number, so it has no median; name an item that holds one"
    if item.identifying:
        return "is identifying; a dashboard shows no such item"
    if instrument.log:
        return f"is asked in the log `{instrument.name}`, which has no visit to stand at"
    return ""
