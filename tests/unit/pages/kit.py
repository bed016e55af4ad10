"""A study with one instrument that holds every item type, for the tests of the page kit."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from forms.build import InstrumentForm, PublishedForms
from forms.definition import (
    ArmVisibility,
    ConsentScope,
    ConsentVersion,
    Instrument,
    MissingReason,
    Role,
    Section,
    Study,
    Target,
    Visit,
)

TODAY = date(2026, 11, 23)
REASONS = (
    MissingReason(code="not_done", label="Not done"),
    MissingReason(code="not_known", label="Not known"),
    MissingReason(code="not_applicable", label="Not applicable"),
    MissingReason(code="refused", label="Declined"),
)
DIFFICULTY = [
    {"code": str(number), "label": label}
    for number, label in enumerate(("Unable", "A lot", "Some", "A little", "None"))
]
VITALS: list[dict[str, Any]] = [
    {"type": "statement", "name": "explain", "label": "Measured at rest, sitting."},
    {"type": "date", "name": "visit_date", "label": "Date of the visit", "required": True},
    {
        "type": "decimal",
        "name": "weight",
        "label": "Weight",
        "decimals": 1,
        "unit": "kg",
        "hint": "Without shoes",
        "other_units": ({"unit": "lb", "factor": Decimal("0.45359237")},),
        "soft": {"min": Decimal(40), "max": Decimal(150)},
        "required": True,
    },
    {
        "type": "integer",
        "name": "sbp",
        "label": "Systolic blood pressure",
        "unit": "mmHg",
        "soft": {"min": Decimal(80), "max": Decimal(200)},
        "hard": {"min": Decimal(0), "max": Decimal(400)},
    },
    {
        "type": "censored_number",
        "name": "crp",
        "label": "C-reactive protein",
        "decimals": 1,
        "unit": "mg/L",
        "soft": {"min": Decimal(0), "max": Decimal(200)},
        "other_units": ({"unit": "mg/dL", "factor": Decimal(10)},),
    },
    {
        "type": "text",
        "name": "infection",
        "label": "Source of the infection",
        "show_if": "[crp] > 100",
    },
    {"type": "time", "name": "taken_at", "label": "Time taken"},
    {"type": "datetime", "name": "dose_at", "label": "First dose taken"},
    {"type": "date", "name": "diagnosed", "label": "Date of diagnosis", "partial": True},
]
HISTORY: list[dict[str, Any]] = [
    {"type": "yes_no_nk", "name": "surgery", "label": "Operated on before?", "required": True},
    {
        "type": "text",
        "name": "surgeon",
        "label": "Hospital of the operation",
        "show_if": "[surgery]='yes'",
    },
    {
        "type": "single_choice",
        "name": "tumour_site",
        "label": "Site of the tumour",
        "choices": (
            {"code": "stomach", "label": "Stomach"},
            {"code": "bowel", "label": "Small bowel", "hint": "Duodenum included"},
            {"code": "womb", "label": "Womb", "when": "[surgery]='yes'"},
        ),
    },
    {
        "type": "single_choice",
        "name": "region",
        "label": "Region",
        "layout": "select",
        "choices": ({"code": "n", "label": "North"}, {"code": "s", "label": "South"}),
    },
    {
        "type": "multiple_choice",
        "name": "symptoms",
        "label": "Symptoms",
        "alone": ("none",),
        "choices": (
            {"code": "pain", "label": "Pain"},
            {"code": "nausea", "label": "Nausea"},
            {"code": "none", "label": "None of these"},
        ),
    },
    {"type": "notes", "name": "remarks", "label": "Remarks"},
    {"type": "file", "name": "report", "label": "Report of the scan"},
    {"type": "derived", "name": "bmi", "label": "Weight halved", "result": "number",
     "formula": "[weight]/2", "unit": "kg"},
    {"type": "text", "name": "hidden_one", "label": "Seen by nobody",
     "hidden_from": (Role.NURSE,)},
    {"type": "text", "name": "locked_one", "label": "Only read here",
     "read_only_for": (Role.NURSE,)},
]  # fmt: skip
LEG: list[dict[str, Any]] = [
    {
        "type": "likert_grid",
        "name": "lefs",
        "label": "Difficulty today with",
        "choices": tuple(DIFFICULTY),
        "rows": tuple(
            {"name": f"lefs_{number}", "label": f"Activity {number} of an ordinary day"}
            for number in range(1, 6)
        ),
    },
    {
        "type": "vas",
        "name": "pain",
        "label": "Pain now",
        "low_label": "No pain",
        "high_label": "Worst imaginable",
    },
]


def kitchen_sink() -> Instrument:
    """Make an instrument that holds every type of item."""
    sections = [
        {"title": "Measurements", "intro": "From today's visit.", "items": tuple(VITALS)},
        {"title": "History", "items": tuple(HISTORY)},
        {"title": "Legs", "show_if": "[surgery]<>'no'", "items": tuple(LEG)},
    ]
    return Instrument(
        name="sink",
        title="Kitchen sink",
        sections=tuple(Section.model_validate(section) for section in sections),
    )


def make_study(*instruments: Instrument) -> Study:
    """Make a study around instruments, with nothing in it that pages do not need."""
    return Study(
        slug="kit",
        title="Page kit",
        short_title="Kit",
        modelled_on="Nothing",
        provenance="Made for tests",
        version="1",
        zone="Europe/London",
        missing_reasons=REASONS,
        consents=(
            ConsentScope(
                name="main",
                title="Main",
                versions=(ConsentVersion(version="1", approved=TODAY),),
            ),
        ),
        arm_visibility=ArmVisibility(visible_to=()),
        recruitment_target=(Target.model_validate({"from": TODAY, "number": 10}),),
        instruments=instruments,
        visits=(Visit(slug="base", title="Baseline", instruments=("sink",)),),
    )


def sink_class(
    role: Role = Role.NURSE, *, read_only: bool = False, only: frozenset[str] | None = None
) -> type[InstrumentForm]:
    """Build the form class of the kitchen sink."""
    forms = PublishedForms(make_study(kitchen_sink()))
    return forms.form_class("sink", role=role, read_only=read_only, only=only)
