"""Block sizes and list positions reach nobody but the unblinded statistician, by no way."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from capture.access import SYSTEM_ACTOR, Role
from capture.export import service as export
from capture.export.request import ExportRequest
from capture.ledger.canonical import digest
from capture.ledger.tables import request
from capture.randomisation.reads import list_allocations
from capture.web.request_context import EXTENSION, Services
from tests.support.builders import Visitor, make_user
from tests.support.randomising import DURATION, activate
from tests.support.randomising_pages import answers, randomise, running_trial, screened, settle, url
from tests.support.trial import GIST, Trial

SIZES = {"sizes": [86, 98]}
TELLING = re.compile(r"\b(86|98)\b|list_position|\"sizes\"|block size|integers")
PLACES = re.compile(r' (?:d|x|y|cx|cy|width|height|points|viewBox)="[^"]*"')
"""Where something is drawn: whole numbers too, and any of them by chance."""
STUDY = f"/studies/{GIST}"
PAGES = (
    "/",
    f"{STUDY}/participants",
    f"{STUDY}/dashboard",
    f"{STUDY}/dashboard/forms",
    f"{STUDY}/dashboard/scores",
    f"{STUDY}/audit",
    f"{STUDY}/datasets",
    f"{STUDY}/integrity",
    f"{STUDY}/randomisations",
    f"{STUDY}/randomisations/{DURATION}",
    f"{STUDY}/randomisations/{DURATION}/certificate/1",
    f"{STUDY}/randomisations/{DURATION}/proof.json",
    f"{STUDY}/randomisations/{DURATION}/simulation",
    STUDY,
)


@pytest.fixture
def trial(app: Flask) -> Trial:
    """Two people are randomised through the pages, under block sizes that no page would show."""
    services: Services = app.extensions[EXTENSION]
    trial = running_trial(services, is_active=False)
    activate(trial, design=SIZES)
    for role in Role:
        make_user(services, email=f"{role.value}@unit.example", name=role.label, role=role)
    nurse = visitor(app, Role.NURSE)
    for number in (1, 2):
        person = screened(trial)
        tick = {"same-duplicate_confirmed": "y", "same-duplicate_reason": "another"}
        settle(nurse, person, answers(**tick))
        assert randomise(nurse, person).request.path == url(person, "/result"), number
    return trial


def visitor(app: Flask, role: Role) -> Visitor:
    made = Visitor(app)
    assert made.sign_in(f"{role.value}@unit.example").status_code == 303
    return made


def people(trial: Trial) -> list[str]:
    with trial.database.reading() as connection:
        return [one.participant for one in list_allocations(connection, GIST, DURATION)]


def texts(visitor: Visitor, trial: Trial) -> Iterator[tuple[str, str]]:
    """Every page of the trial that this person is given, with its words alone."""
    own = [
        f"{STUDY}/participants/{pid}{rest}"
        for pid in people(trial)
        for rest in (
            "",
            "/history",
            f"/randomise/{DURATION}/result",
            f"/randomise/{DURATION}/receipt.json",
            f"/randomise/{DURATION}/in-error",
        )
    ]
    for path in (*PAGES, *own):
        answer = visitor.get(path, follow_redirects=True)
        if answer.status_code == 200:
            yield path, answer.text


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.UNBLINDED])
def test_no_page_shows_a_size_or_a_position(app: Flask, trial: Trial, role: Role) -> None:
    found = {
        f"{path}: {match[0]}"
        for path, text in texts(visitor(app, role), trial)
        for match in TELLING.finditer(PLACES.sub("", text))
    }

    assert found == set()


def test_the_unblinded_statistician_sees_the_sizes(app: Flask, trial: Trial) -> None:
    """The pattern of the other test would find them."""
    seen = dict(texts(visitor(app, Role.UNBLINDED), trial))

    assert TELLING.search(seen[f"{STUDY}/randomisations/{DURATION}"])


def test_no_log_receipt_or_dataset_holds_one(
    app: Flask, trial: Trial, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    services: Services = app.extensions[EXTENSION]
    keys = export.ExportKeys(
        services.database, services.concealment, services.config.checkpoint_key
    )
    with caplog.at_level(logging.DEBUG):
        visitor(app, Role.TRIAL_MANAGER).get(f"{STUDY}/randomisations/{DURATION}")
        asked = ExportRequest(study=GIST, formats="csv", as_of="", cutoff="", identifying="")
        export.export_to(keys, SYSTEM_ACTOR, asked, tmp_path / "out")
    files = [*(tmp_path / "out").rglob("*.csv"), *services.config.data.glob("receipts/*.jsonl")]
    told = re.compile(r"list_position|\"sizes\"|block_size|integers")

    assert len(files) > 3
    assert [path.name for path in files if told.search(path.read_text())] == []
    assert told.search(caplog.text) is None


@pytest.mark.both_engines("it reads the tables themselves")
def test_no_copy_of_the_database_lets_anybody_try_out_block_sizes(app: Flask, trial: Trial) -> None:
    """What the answer to a sent form is kept under must not be worked out from a guess."""
    address, text = f"{STUDY}/randomisations/{DURATION}/design", "sizes: [4, 6]"
    sent = visitor(app, Role.UNBLINDED).post(address, {"design-text": text})
    guess = digest(["POST", address, [["design-text", text]], []])

    with trial.database.reading() as connection:
        kept = connection.execute(sa.select(request.c.content)).scalars().all()

    assert sent.status_code == 303
    assert len(kept) > 3
    assert guess not in kept
