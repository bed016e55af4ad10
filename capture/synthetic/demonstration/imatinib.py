"""The GIST study as the demonstration shows it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from capture import clock
from capture.installation import Services
from capture.synthetic import RehearsalPlan
from capture.synthetic.demonstration.newcomers import save, screen_newcomer, today_at
from capture.synthetic.setup import Setup, prepare
from forms.evaluation_scope import Place
from forms.values import Cell

SITE = "northfield"
PLAN = RehearsalPlan("gist-imatinib", 40, 20_261_123)


def add_newcomers(services: Services) -> None:
    """Three people in screening: one ready to randomise, one ineligible, one with a blank."""
    setup = prepare(services, PLAN.study, None, clock.now().date())
    _newcomer(setup, {})
    _newcomer(setup, {"gist_resection": Cell("r2")})
    _newcomer(setup, {"gist_rupture": Cell("nk")})


def _newcomer(setup: Setup, changes: Mapping[str, Cell]) -> None:
    """Somebody screened today whose history, imaging and laboratory forms are saved."""
    person = screen_newcomer(setup, SITE)
    today = today_at(setup, SITE)
    first_dose = (date.fromisoformat(today) - timedelta(1_110)).isoformat()
    for name, cells in _answers(today, first_dose).items():
        answers = {item: changes.get(item, cell) for item, cell in cells.items()}
        save(setup, person, Place("baseline", 1, name), answers)


def _answers(today: str, first_dose: str) -> dict[str, dict[str, Cell]]:
    """Answers that pass the gate; performance status and pregnancy are left for the last page."""
    return {
        "gist_history": {
            "gist_surgery_date": Cell(first_dose[:7]),
            "gist_site": Cell("small_bowel"),
            "gist_size_mm": Cell(92),
            "gist_mitoses": Cell(14),
            "gist_rupture": Cell("no"),
            "gist_stain": Cell("positive"),
            "gist_mutation": Cell("kit_11"),
            "gist_resection": Cell("r0"),
            "gist_neoadjuvant": Cell("no"),
        },
        "imatinib_history": {
            "imh_date": Cell(today),
            "imatinib_start": Cell(first_dose),
            "imatinib_now": Cell("yes"),
            "imatinib_dose_mg": Cell(400),
        },
        "vitals": {
            "vitals_date": Cell(today),
            "height_cm": Cell("171.0"),
            "weight_kg": Cell("74.5"),
        },
        "haematology": {
            "haem_date": Cell(today),
            "hb": Cell("136.0"),
            "wbc": Cell("6.10"),
            "anc": Cell("3.40"),
            "plt": Cell(231),
        },
        "biochemistry": {
            "bioc_date": Cell(today),
            "creat": Cell("78.0"),
            "creat_uln": Cell("105.0"),
            "alt": Cell(28),
            "alt_uln": Cell(45),
        },
        "imaging": {"img_date": Cell(today), "img_method": Cell("ct"), "img_result": Cell("none")},
    }
