"""Studies for tests: the bundled one, the test study with every type of item, and a small one."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from forms.definition import Study
from forms.load import BUNDLED_STUDIES, load_study, read_folder

DEMO = Path(__file__).parents[2] / "studies" / "esign-demo"


@cache
def gist() -> Study:
    """The bundled GIST study."""
    return load_study(read_folder(BUNDLED_STUDIES / "gist-imatinib"))


@cache
def demo() -> Study:
    """The test study with every type of item."""
    return load_study(read_folder(DEMO))


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
