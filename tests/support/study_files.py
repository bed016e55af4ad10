"""A small made-up study as files, and ways to change it, for tests of publishing and of sites."""

from __future__ import annotations

STUDY = "leg-demo"

STUDY_YAML = """\
slug: leg-demo
title: Leg function after surgery
short_title: Leg demo
modelled_on: No real trial; it exists for tests.
provenance: Everything here is made up.
version: "1.0"
zone: Europe/London
missing_reasons:
  - {code: not_done, label: Not done}
consents:
  - name: main
    title: The study
    versions:
      - {version: "1.0", approved: 2024-01-10}
      - {version: "2.0", approved: 2024-06-01}
arm_visibility:
  visible_to: [nurse, investigator, data_manager, monitor, trial_manager, unblinded_statistician]
  revealing: withhold
recruitment_target:
  - {from: 2024-01-01, number: 20}
site_attributes:
  - name: country
    title: Country
    choices:
      - {code: gb, label: United Kingdom}
      - {code: "no", label: Norway}
visits:
  - {slug: baseline, title: Baseline, anchor: consent, instruments: [leg]}
  - {slug: month_1, title: Month 1, anchor: consent, offset: {months: 1}, instruments: [leg]}
gates:
  - name: eligibility
    title: Eligibility
    criteria:
      - {name: side_known, wording: The side is known, holds: "[baseline][leg_side] = 'left'"}
randomisations:
  - name: brace
    title: Brace or none
    gate: eligibility
    consent: main
    arms:
      - {arm: BRACE, label: Brace}
      - {arm: NONE, label: No brace}
    method: permuted_blocks
    strata:
      - {factor: country, from: "site.country"}
"""

LEG_YAML = """\
name: leg
title: Leg
sections:
  - title: The leg
    items:
      - name: leg_side
        type: single_choice
        label: Which leg?
        choices:
          - {code: left, label: Left}
          - {code: right, label: Right}
          - {code: both, label: Both}
      - {name: leg_score, type: integer, label: Score}
      - {name: leg_note, type: notes, label: Note, hidden_from: [nurse]}
"""

SITES_YAML = """\
sites:
  - slug: northfield
    name: Northfield Hospital
    zone: Europe/London
    attributes: {country: gb}
    approved_consents: {main: ["1.0"]}
    opened: 2024-02-01
  - slug: fjordby
    name: Fjordby Hospital
    zone: Europe/Oslo
    attributes: {country: "no"}
"""


def make_study_files(*changes: tuple[str, str], sites: bool = True) -> dict[str, bytes]:
    """The study's files; each change is (text, text instead) and must fit somewhere."""
    texts = {"study.yaml": STUDY_YAML, "instruments/leg.yaml": LEG_YAML}
    if sites:
        texts["sites.yaml"] = SITES_YAML
    for old, new in changes:
        assert any(old in text for text in texts.values()), old
        texts = {path: text.replace(old, new) for path, text in texts.items()}
    return {path: text.encode() for path, text in texts.items()}


HUNDRED = "weekly-demo"
VISITS = 100


def hundred_visits() -> dict[str, bytes]:
    """The same study under a name of its own with a hundred kinds of visit, one a week."""
    files = {"instruments/leg.yaml": LEG_YAML, "sites.yaml": SITES_YAML}
    head, _, rest = STUDY_YAML.replace("slug: leg-demo", f"slug: {HUNDRED}").partition("visits:")
    gates = rest[rest.index("gates:") :].replace("[baseline]", "[w001]")
    visits = "".join(
        f"  - {{slug: w{n:03d}, title: Week {n}, anchor: consent, offset: {{days: {7 * n}}}, "
        "window: {before: 2, after: 4}, instruments: [leg]}\n"
        for n in range(1, VISITS + 1)
    )
    files["study.yaml"] = f"{head}visits:\n{visits}{gates}"
    return {path: text.encode() for path, text in files.items()}
