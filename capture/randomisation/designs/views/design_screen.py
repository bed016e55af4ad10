"""The design screen: simulated trials of designs before one comes into force.

Nothing is stored, and only designs are decrypted: no key and no list is read here.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, make_response, request
from wtforms import StringField, TextAreaField

from capture.access import Action, allow
from capture.problems import InvalidInput, Problem
from capture.randomisation.designs.service import design_simulation, recruitment_assumptions
from capture.randomisation.designs.service.design_simulation import NamedDesign
from capture.randomisation.designs.service.recruitment_assumptions import RecruitmentAssumptions
from capture.randomisation.designs.views.design_screen_results import Screen, screen_of
from capture.randomisation.designs.views.designs import ONE, DesignDesk, open_desk
from capture.randomisation.views.blueprint import bp, page
from capture.study import reads as study_reads
from capture.web.act_forms import ActForm, Sent
from capture.web.act_pages import list_errors
from capture.web.perform import reading, services
from forms.definition import Study

SEED = 1
TRIALS = 1000
MOST_ALLOCATIONS = 3_000_000
LEVELS = "levels_"
OTHERS = {"second": "First typed design", "third": "Second typed design"}


class SimulateForm(ActForm):
    """The expected participants, and other designs to compare with."""

    act = "simulate"
    people = StringField("Participants")
    trials = StringField("Simulated trials", description="1,000 take about a second.")
    sites = TextAreaField(
        "Sizes of the sites",
        description="A line for each: its name, a colon, and how large it is beside the others.",
    )
    second = TextAreaField(
        "First design to compare with",
        description="A design file, such as sizes: [4, 6]. It may also say method: minimisation, "
        "and strata: or minimised: with a list of the factors to use.",
    )
    third = TextAreaField("Second design to compare with")


def form_for(study: Study, name: str, sent: Sent = None, **stored: str) -> SimulateForm:
    """Return the form with a control for each factor that is no attribute of the site."""
    controls = {
        f"{LEVELS}{factor.factor}": TextAreaField(
            f"Frequency: {factor.label or factor.factor}",
            description="A line for each level: its name, a colon, its share as a whole number.",
        )
        for factor in study.randomisation(name).factors
        if not recruitment_assumptions.comes_from_site(factor)
    }
    form: SimulateForm = type("SimulateFormOfStudy", (SimulateForm,), controls)(sent, **stored)
    return form


@bp.get(f"{ONE}/simulation")
@allow(Action.LIST_STATE_VIEW)
def simulation(study: str, name: str) -> str:
    """Show the waiting and active designs, simulated with the default recruitment assumptions."""
    desk = open_desk(study, name)
    expected = _make_assumptions(desk)
    designs = _list_concealed(desk)
    offered = design_simulation.make_offered_text(desk.study, name)
    form = form_for(
        desk.study,
        name,
        None,
        people=str(recruitment_assumptions.count_to_recruit(desk.study)),
        trials=str(TRIALS),
        sites=recruitment_assumptions.lines_of_shares(expected.sites),
        second="" if designs else offered,
        **{
            f"{LEVELS}{factor}": recruitment_assumptions.lines_of_shares(shares)
            for factor, shares in expected.levels.items()
        },
    )
    return _page(desk, form, _simulate(desk, form, designs))


@bp.post(f"{ONE}/simulation")
@allow(Action.LIST_STATE_VIEW)
def simulate(study: str, name: str) -> Response:
    """Show simulations with the assumptions and designs that were typed, or their mistakes."""
    desk = open_desk(study, name)
    form = form_for(desk.study, name, request.form)
    try:
        screen = _simulate(desk, form, _list_concealed(desk))
    except InvalidInput as problem:
        return make_response(_page(desk, form, None, problem), problem.status)
    return make_response(_page(desk, form, screen))


def _page(
    desk: DesignDesk, form: SimulateForm, screen: Screen | None, problem: Problem | None = None
) -> str:
    levels = [field for field in form if LEVELS in field.name]
    errors = list_errors(problem, form)
    return page(
        "simulation.html",
        desk=desk,
        form=form,
        levels=levels,
        screen=screen,
        has_design=bool(_list_concealed(desk)),
        errors=errors,
    )


def _list_concealed(desk: DesignDesk) -> list[NamedDesign]:
    known = services().concealment
    return design_simulation.list_concealed_designs(reading(), known, desk.study, desk.name)


def _make_assumptions(desk: DesignDesk) -> RecruitmentAssumptions:
    sites = study_reads.list_all_sites(reading(), desk.study.slug)
    return recruitment_assumptions.make_default_assumptions(desk.study, sites, desk.name)


def _simulate(
    desk: DesignDesk, form: SimulateForm, concealed: Sequence[NamedDesign]
) -> Screen | None:
    """Simulate the designs. Raises InvalidInput at the control with the mistake."""
    people = design_simulation.read_whole_number(
        "people", form.text("people"), design_simulation.MOST_PEOPLE
    )
    trials = design_simulation.read_whole_number(
        "trials", form.text("trials"), MOST_ALLOCATIONS // people
    )
    sites = study_reads.list_all_sites(reading(), desk.study.slug)
    expected = RecruitmentAssumptions(
        sites=recruitment_assumptions.shares_of_lines("sites", form.text("sites")),
        levels={
            name.removeprefix(LEVELS): recruitment_assumptions.shares_of_lines(
                name, form.text(name)
            )
            for name in form.data
            if name.startswith(LEVELS)
        },
    )
    trial = recruitment_assumptions.trial_of(desk.study, sites, desk.name, expected, people)
    designs = [*concealed, *_read_typed_designs(desk, form)]
    return screen_of(list(design_simulation.make_reports(designs, trial, trials=trials, seed=SEED)))


def _read_typed_designs(desk: DesignDesk, form: SimulateForm) -> list[NamedDesign]:
    found = []
    for field, name in OTHERS.items():
        text = form.text(field)
        if text:
            try:
                design = design_simulation.get_design_to_compare(desk.study, desk.name, text)
            except InvalidInput as problem:
                raise InvalidInput(field, problem.message) from problem
            found.append(NamedDesign(name, design))
    return found
