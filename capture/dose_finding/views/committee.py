"""The page on which the committee signs a decision: counts, choices and the password."""

from __future__ import annotations

from flask import Response

from capture import clock
from capture.access import Action, allow
from capture.dose_finding import service
from capture.dose_finding.views.blueprint import CHOICES, STUDY, Part, bp, columns, open_part
from capture.dose_finding.views.forms import DecisionForm
from capture.dose_finding.views.part import advice_rows, level_rows
from capture.ledger.service import Transaction
from capture.problems import Problem, Refused
from capture.web.act_forms import NOT_CHOSEN
from capture.web.act_pages import ActPage, WayBack, do_act, draw_act, sent_form
from capture.web.perform import Answer, keeps_typing
from randomiser.dose_finding import Act, Choice, highest_allowed


@bp.route(f"{STUDY}/<name>/decide", methods=["GET", "POST"])
@allow(Action.DOSE_DECIDE)
@keeps_typing
def decide(study: str, name: str) -> Response:
    """Sign a decision: the recommendation, or a more cautious one with the reason."""
    part = open_part(study, name)
    form = _form(part)

    def act(tx: Transaction) -> Answer:
        if not form.text("seen"):
            raise Refused("The page did not arrive whole. Nothing was changed. Load it again.")
        ruling = service.CommitteeRuling(form.text("choice"), form.text("level"), form.text("why"))
        version = part.study_version
        service.decide(tx, part.study, version, name, ruling, seen=form.text("seen"))
        return Answer(part.url(), "The decision is signed.")

    def draw(problem: Problem | None) -> str:
        return _draw(open_part(study, name), form, problem)

    return do_act(form, act, draw)


def _form(part: Part) -> DecisionForm:
    sent = sent_form()
    today = clock.today(part.study.zone)
    # A choice that was not sent is never filled in with the recommendation.
    stored = {} if sent is not None else _fill_in_advice(part)
    form = DecisionForm(sent, today=today, **stored)
    form.choice.choices = list(CHOICES.items())
    form.level.choices = NOT_CHOSEN | _levels(part)
    return form


def _fill_in_advice(part: Part) -> dict[str, str]:
    """Preselect the recommendation where it is a choice of the form."""
    advised = part.standing.recommendation
    if advised.act is Act.STOP:
        return {"choice": Choice.STOP.value}
    if advised.level is None:
        return {}
    choice = Choice.MTD if advised.act is Act.MTD else Choice.OPEN
    return {"choice": choice.value, "level": part.standing.design.levels[advised.level]}


def _levels(part: Part) -> dict[str, str]:
    """Return the levels that are not bolder than the recommendation."""
    standing = part.standing
    top = highest_allowed(standing.design, standing.state, standing.recommendation)
    names = standing.design.levels[: 0 if top is None else top + 1]
    return {name: part.dose(name) for name in names}


def _draw(part: Part, form: DecisionForm, problem: Problem | None) -> str:
    # After a refusal the next signature is for the counts that are shown then.
    form.seen.data = part.standing.seen
    shown = ActPage(
        "Sign a dose decision",
        "Sign the decision",
        intro=(
            f"The {part.definition.committee} may decide what is recommended or something more "
            "cautious. A bolder decision is refused.",
        ),
        caption=part.definition.title,
        signing="Signing",
        template="dose_finding/decide.html",
        content={
            "part": part,
            "columns": columns,
            "advice": advice_rows(part),
            "levels": level_rows(part),
        },
    )
    return draw_act(shown, form, problem, WayBack(part.url(), part.definition.title))
