"""A GIST trial up to and past the draw: concealed design, eligible people, confirmations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from capture.access import Actor, Role
from capture.db import Database
from capture.entry.reads import find_entry_at
from capture.entry.service import Submission, save_entry
from capture.ledger.concealment import Concealment
from capture.participants.records import Participant
from capture.randomisation.allocation.service import eligibility
from capture.randomisation.allocation.service.allocate import randomise
from capture.randomisation.designs.service import designs
from capture.randomisation.reads import AllocationRow
from capture.study import reads as study_reads
from capture.study import service as study_service
from forms.definition import Study
from forms.evaluation_scope import Place
from forms.load import BUNDLED_STUDIES, read_folder
from forms.values import Cell
from tests.support.trial import GIST, NURSE, Trial, make_actor, make_trial

DURATION = "duration"
DOCTOR = "Dr Ada Quist"
DESIGN = {"sizes": [4, 6], "weights": [1, 1]}
V = "six dice: 4 1 6 6 2 3"
KEY_COPY = "01" * 32
UNBLINDED = make_actor(Role.UNBLINDED)
MANAGER = make_actor(Role.TRIAL_MANAGER)
INVESTIGATOR = make_actor(Role.INVESTIGATOR, "northfield")

LAST_ARM = "      - {arm: IM60, label: 5 years (continue imatinib), ratio: 1}\n"
FIRST_ARM = "      - {arm: IM36, label: 3 years (stop imatinib), ratio: 1}\n"
ADDED = (
    LAST_ARM,
    LAST_ARM + "      - {arm: IM120, label: 10 years (continue imatinib), ratio: 2}\n",
)
CLOSED = (FIRST_ARM, FIRST_ARM.replace("ratio: 1", "ratio: 1, closed: true"))
"""Changes of the study for `republish`."""

BASELINE: Mapping[str, Mapping[str, Any]] = {
    "demography": {"birth_date": "1961-05-14", "sex": "female"},
    "gist_history": {
        "gist_site": "stomach",
        "gist_size_mm": 80,
        "gist_mitoses": 12,
        "gist_rupture": "no",
        "gist_stain": "positive",
        "gist_mutation": "kit_11",
        "gist_surgery_date": "2023-02-01",
        "gist_resection": "r0",
        "gist_neoadjuvant": "no",
    },
    "imatinib_history": {
        "imh_date": "2026-03-02",
        "imatinib_start": "2023-03-15",
        "imatinib_now": "yes",
        "imatinib_dose_mg": 400,
    },
    "performance_status": {"ps_date": "2026-03-02", "ecog": "0"},
    "haematology": {"haem_date": "2026-02-26", "anc": "3.20", "plt": 210},
    "biochemistry": {
        "bioc_date": "2026-02-26",
        "creat": "70.0",
        "creat_uln": "90.0",
        "alt": 20,
        "alt_uln": 40,
    },
    "pregnancy": {"preg_date": "2026-03-02", "preg_status": "not_possible"},
    "imaging": {"img_date": "2026-02-20", "img_method": "ct", "img_result": "none"},
}
"""An eligible woman of 64 on 2 March 2026, 35 completed months on imatinib."""


def definition(trial: Trial, study: str = GIST) -> Study:
    with trial.database.reading() as connection:
        return study_reads.get_definition_for(connection, study)


@cache
def _changed(*changes: tuple[str, str]) -> study_service.CheckedDefinition:
    files = read_folder(BUNDLED_STUDIES / GIST)
    for old, new in changes:
        held = [path for path, content in files.items() if old.encode() in content]
        assert held, old
        files |= {path: files[path].replace(old.encode(), new.encode()) for path in held}
    return study_service.check_definition(files)


def republish(trial: Trial, *changes: tuple[str, str]) -> int:
    """Publish the study anew with changes, each (text, text instead); gives its number."""
    with trial.acting(MANAGER) as tx:
        return study_service.publish(tx, _changed(*changes)).number


def activate(
    trial: Trial,
    *,
    design: Mapping[str, Any] = DESIGN,
    study: str = GIST,
    key_copy: str = KEY_COPY,
    v: str = V,
) -> str:
    """Enter a design as the unblinded statistician and activate it as the trial manager."""
    known = definition(trial, study)
    name = known.randomisations[0].name
    with trial.acting(make_actor(Role.UNBLINDED, study=study)) as tx:
        version_id = designs.enter_design(tx, known, 1, name, dict(design))
    with trial.acting(make_actor(Role.TRIAL_MANAGER, study=study)) as tx:
        designs.activate(tx, known, 1, version_id, v=v, key_copy=key_copy)
    return version_id


def delegate(trial: Trial, site: str = "northfield") -> None:
    with trial.acting(MANAGER) as tx:
        since = trial.moment.date().replace(year=2020)
        study_service.delegate(tx, GIST, site, DOCTOR, role_note="PI", since=since)


def blocks_of_four(database: Database, concealment: Concealment) -> Trial:
    """A trial that draws in blocks of 4."""
    made = make_trial(database, concealment)
    delegate(made)
    activate(made, design={"sizes": [4]})
    return made


def fill_in(
    trial: Trial,
    person: Participant,
    changes: Mapping[str, Any] | None = None,
    *,
    actor: Actor = NURSE,
    but: Sequence[str] = (),
    reason: str = "",
) -> None:
    """Save the screening forms; changes: other values by item (None: blank). but: left out."""
    for instrument, values in BASELINE.items():
        if instrument not in but:
            mine = {**values, **{k: v for k, v in (changes or {}).items() if k in values}}
            save(trial, person, instrument, mine, actor=actor, reason=reason)


def save(
    trial: Trial,
    person: Participant,
    instrument: str,
    values: Mapping[str, Any],
    *,
    actor: Actor = NURSE,
    reason: str = "",
) -> None:
    key = Place("baseline", 1, instrument)
    cells = {name: None if v is None else Cell(v) for name, v in values.items()}
    with trial.acting(actor) as tx:
        before = find_entry_at(tx.connection, person.id, key)
        save_entry(
            tx,
            definition(trial),
            1,
            person.id,
            key,
            submission=Submission(cells, confirms=lambda _finding: True),
            version=before.version if before else 0,
            reason=reason,
        )


def confirm(trial: Trial, person: Participant, actor: Actor = NURSE) -> None:
    said = eligibility.ConfirmationResult(DOCTOR, trial.today, "letter in the notes")
    with trial.acting(actor) as tx:
        eligibility.confirm_eligibility(tx, definition(trial), 1, person.id, DURATION, said=said)


def ready(
    trial: Trial,
    changes: Mapping[str, Any] | None = None,
    *,
    site: str = "northfield",
    born: str = "1961-05-14",
) -> Participant:
    """Somebody enrolled, with saved screening forms and a recorded confirmation."""
    nurse = make_actor(Role.NURSE, site)
    person = trial.enrol(
        trial.screen(site, nurse), nurse, birth_date=born, duplicate_confirmed=True,
        duplicate_reason="Somebody else",
    )  # fmt: skip
    fill_in(trial, person, {"birth_date": born, **(changes or {})}, actor=nurse)
    confirm(trial, person, nurse)
    return person


def draw(trial: Trial, person: Participant, actor: Actor = NURSE) -> AllocationRow:
    with trial.acting(actor) as tx:
        version = study_reads.get_version_number(tx.connection, GIST)
        return randomise(tx, definition(trial), version, person.id, DURATION)
