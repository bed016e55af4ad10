"""Studies for tests: the bundled one, the test study with every type of item, and a small one."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from pathlib import Path

from forms.definition import Instrument, Study
from forms.edit_checks import Finding, findings, judge_answers
from forms.evaluation_scope import Cells, Place, StudyScope
from forms.load import BUNDLED_STUDIES, load_study, read_folder
from forms.values import Cell

TEST_STUDIES = Path(__file__).parents[2] / "studies"


def odd(instrument: Instrument, values: Cells, scope: StudyScope) -> list[Finding]:
    """What is asked about an entry with these values."""
    return findings(instrument, judge_answers(instrument, values, scope), scope)


@cache
def gist() -> Study:
    """The bundled GIST study."""
    return load_study(read_folder(BUNDLED_STUDIES / "gist-imatinib"))


@cache
def muscle_transfer() -> Study:
    """The bundled study of functional muscle transfer."""
    return load_study(read_folder(BUNDLED_STUDIES / "functional-muscle-transfer"))


@cache
def demo() -> Study:
    """The test study with every type of item."""
    return load_study(read_folder(TEST_STUDIES / "esign-demo"))


@cache
def muscle() -> Study:
    """The test study without chance: cohorts by evidence, no randomisation."""
    return load_study(muscle_files())


def muscle_files() -> dict[str, bytes]:
    """The files of the test study without chance."""
    return read_folder(TEST_STUDIES / "muscle-demo")


SMALL = {
    "study.yaml": """\
slug: small
title: A small study
short_title: Small
version: "1"
modelled_on: Nothing
provenance: All D
zone: Europe/London
missing_reasons:
  - {code: not_done, label: Not done}
consents:
  - name: main
    title: Taking part
    versions:
      - {version: "1", approved: 2024-01-01}
arm_visibility:
  visible_to: [nurse, investigator, data_manager, monitor, trial_manager, unblinded_statistician]
  revealing: withhold
recruitment_target:
  - {from: 2024-01-01, number: 10}
site_attributes:
  - {name: country, title: Country, choices: [{code: gb, label: UK}, {code: ie, label: Ireland}]}
""",
    "plan.yaml": """\
visits:
  - slug: start
    title: Start
    anchor: screening
    instruments: [basics]
  - slug: later
    title: Later
    anchor: allocation
    offset: {days: 30}
    window: {before: 3, after: 3}
    repeats: {every: {days: 30}, times: 2, titles: [First, Second]}
    until: [relapse]
    instruments: [checkup]
events:
  - {name: relapse, title: Relapse, date_item: relapse_date}
gates:
  - name: ready
    title: Ready
    criteria:
      - name: adult
        wording: Is an adult
        holds: "age_years([start][birth], today) >= 18"
        values: [{label: Age, value: "age_years([start][birth], today)"}]
randomisations:
  - name: choice
    title: Which one
    gate: ready
    consent: main
    arms:
      - {arm: A, label: First}
      - {arm: B, label: Second}
    method: permuted_blocks
    strata:
      - factor: side
        from: "[start][side]"
        levels: {left_side: [left], right_side: [right, both]}
endpoints:
  - name: relapse_free
    title: Time to relapse
    origin: allocation
    events: [relapse]
    competing: [death]
    evaluable: [{instrument: checkup}]
    wording: Days to relapse
""",
    "instruments/basics.yaml": """\
name: basics
title: Basics
sections:
  - title: Basics
    items:
      - {name: birth, type: date, label: Born}
      - name: side
        type: single_choice
        label: Side
        choices:
          - {code: left, label: Left}
          - {code: right, label: Right}
          - {code: both, label: Both}
      - name: weight
        type: decimal
        label: Weight
        unit: kg
        decimals: 1
        other_units: [{unit: lb, factor: 0.45359237}]
        soft: {min: 40, max: 150}
        hard: {min: 2, max: 300}
      - name: heavy
        type: derived
        label: Heavy
        result: number
        formula: "if([weight] > 100, 1, 0)"
      - {name: secret, type: text, label: Secret, hidden_from: [nurse]}
""",
    "instruments/checkup.yaml": """\
name: checkup
title: Check-up
assessment_date: seen
sections:
  - title: Check-up
    items:
      - {name: seen, type: date, label: Seen}
      - {name: pain, type: integer, label: Pain}
""",
    "instruments/relapse.yaml": """\
name: relapses
title: Relapse
log: true
sections:
  - title: Relapse
    items:
      - {name: relapse_date, type: date, label: Relapse}
""",
}


def small_files() -> dict[str, bytes]:
    """The files of the small study."""
    return {path: text.encode() for path, text in SMALL.items()}


def changed(file: str, old: str, new: str) -> dict[str, bytes]:
    """The small study with one text replaced in one file; the text must stand there once."""
    files = small_files()
    text = SMALL[file]
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
    return files | {file: text.replace(old, new).encode()}


def scope_at(study: Study, today: str, **entries: dict[str, object]) -> StudyScope:
    """A participant's entries at the first visit that asks them; keyword: instrument name.

    Values: a plain value, or a Cell.
    """
    places = {_place(study, name): cells(values) for name, values in entries.items()}
    noon = datetime.fromisoformat(f"{today}T12:00:00")
    return StudyScope(study, places, noon)


def _place(study: Study, instrument: str) -> Place:
    visits = study.visits_with(instrument)
    return Place(visits[0].slug if visits else "log", 1, instrument)


def cells(values: dict[str, object]) -> dict[str, Cell]:
    """Cells of plain values; a Cell stays itself."""
    return {
        name: value if isinstance(value, Cell) else Cell(value)  # type: ignore[arg-type]
        for name, value in values.items()
    }


def gist_entries() -> dict[str, dict[str, object]]:
    """Somebody who meets every criterion of the GIST gate on 2026-04-03."""
    return {
        "demography": {"birth_date": "1960-05-01", "sex": "male"},
        "gist_history": {
            "gist_site": "stomach",
            "gist_size_mm": 80,
            "gist_mitoses": 12,
            "gist_rupture": "no",
            "gist_stain": "positive",
            "gist_mutation": "kit_11",
            "gist_resection": "r0",
            "gist_neoadjuvant": "no",
            "high_risk": "yes",
        },
        "imatinib_history": {"imatinib_start": "2023-04-03", "imatinib_now": "yes"},
        "performance_status": {"ecog": "1"},
        "haematology": {"haem_date": "2026-04-01", "anc": "2.5", "plt": 210},
        "biochemistry": {
            "bioc_date": "2026-04-01",
            "creat": "80",
            "creat_uln": "110",
            "alt": 30,
            "alt_uln": 40,
        },
        "pregnancy": {"preg_status": "not_possible"},
        "imaging": {"img_date": "2026-03-20", "img_result": "none"},
    }
