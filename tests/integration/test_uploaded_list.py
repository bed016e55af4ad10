"""An uploaded list, from the file to the last row: concealed, given out in order, no further."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from io import BytesIO

import pytest
import sqlalchemy as sa

from capture.access import Role
from capture.config import Config
from capture.db import Database, metadata
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.problems import Refused
from capture.randomisation import reads
from capture.randomisation.designs.service.list_upload import upload_list
from capture.synthetic.made_up_list import make_up_list
from capture.web.request_context import Services
from randomiser import order_hash
from tests.support.builders import PASSWORD, Visitor, make_user
from tests.support.commands import Prompt
from tests.support.randomising import DURATION, UNBLINDED, definition, delegate, draw, ready
from tests.support.randomising_pages import running_trial
from tests.support.trial import GIST, Trial, make_actor, make_trial
from tests.support.uploading import HEADER, USUAL, activate_list, list_of, take_lists

URL = f"/studies/{GIST}/randomisations/{DURATION}"
EMAILS = {Role.UNBLINDED: "unblinded@unit.example", Role.TRIAL_MANAGER: "manager@unit.example"}


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    made = make_trial(database, concealment)
    delegate(made)
    take_lists(made)
    return made


def findings(trial: Trial) -> list[str]:
    with trial.database.reading() as connection:
        return verify_study(connection, trial.concealment, GIST).findings


def test_the_rows_are_given_out_in_order_and_an_exhausted_list_refuses(trial: Trial) -> None:
    activate_list(trial, list_of("6336"))

    arms = [draw(trial, ready(trial)).arm for _ in range(4)]
    late = ready(trial)
    with pytest.raises(Refused, match=r"Not randomised: the list of this stratum is full"):
        draw(trial, late)

    assert arms == ["IM60", "IM36", "IM36", "IM60"]
    assert findings(trial) == []
    with trial.database.reading() as connection:
        assert reads.find_allocation(connection, GIST, late.id, DURATION) is None
        assert [used for _list, used in reads.list_use(connection, GIST, DURATION)] == [4]


def test_a_list_for_another_country_is_not_borrowed_from(trial: Trial) -> None:
    activate_list(trial, list_of("36"))
    delegate(trial, "fjordvik")
    elsewhere = ready(trial, site="fjordvik")

    with pytest.raises(Refused, match="Not randomised: the list"):
        draw(trial, elsewhere, make_actor(Role.NURSE, "fjordvik"))

    assert draw(trial, ready(trial)).arm == "IM36"


def test_rows_and_hashes_lie_encrypted_wherever_they_lie(trial: Trial) -> None:
    data = list_of("6336")
    version = activate_list(trial, data)
    with trial.database.reading() as connection:
        kept = reads.get_design(connection, trial.concealment, GIST, version)
        stored = [
            str(dict(row))
            for table in metadata.sorted_tables
            for row in connection.execute(sa.select(table)).mappings()
        ]

    assert kept.file_hash == hashlib.sha256(data).hexdigest()
    assert order_hash(kept) == hashlib.sha256(_in_order(data)).hexdigest()
    assert any("concealed_design" in row for row in stored)
    for telling in (f"{USUAL},1", '["IM60"', kept.file_hash, order_hash(kept), "file_hash"):
        assert not any(telling in row for row in stored), telling


def _in_order(data: bytes) -> bytes:
    rows = [line.split(",") for line in data.decode().splitlines()[1:]]
    rows.sort(key=lambda row: (row[:3], int(row[3])))
    return "".join(",".join(row) + "\n" for row in rows).encode()


def test_another_method_takes_no_list(database: Database, concealment: Concealment) -> None:
    trial = make_trial(database, concealment)

    with pytest.raises(Refused, match="takes no uploaded list"), trial.acting(UNBLINDED) as tx:
        upload_list(tx, definition(trial), 1, DURATION, list_of("36"))


def test_a_rehearsal_uploads_a_list_that_is_taken(trial: Trial) -> None:
    study = definition(trial)
    activate_list(trial, make_up_list(study, DURATION))

    assert draw(trial, ready(trial)).arm in ("IM36", "IM60")
    with trial.database.reading() as connection:
        kept = reads.get_design(connection, trial.concealment, GIST, f"{DURATION}/1")
    assert len(kept.lists) == 2 * 2 * 5
    assert {len(one.arms) for one in kept.lists} == {400}


@pytest.fixture
def open_trial(services: Services) -> Trial:
    made = running_trial(services, is_active=False)
    take_lists(made)
    for role, email in EMAILS.items():
        make_user(services, email=email, name=role.label.title(), role=role)
    return made


@pytest.fixture
def unblinded(open_trial: Trial, sign_in: Callable[..., Visitor]) -> Visitor:
    return sign_in(EMAILS[Role.UNBLINDED])


@pytest.fixture
def manager(open_trial: Trial, sign_in: Callable[..., Visitor]) -> Visitor:
    return sign_in(EMAILS[Role.TRIAL_MANAGER])


def file_of(data: bytes) -> dict[str, tuple[BytesIO, str]]:
    return {"upload-list": (BytesIO(data), "list.csv")}


def states(trial: Trial) -> list[str]:
    with trial.database.reading() as connection:
        return [one.state for one in reads.list_design_versions(connection, GIST, DURATION)]


def test_both_hashes_are_shown_to_the_unblinded_statistician_alone(
    unblinded: Visitor, manager: Visitor, open_trial: Trial
) -> None:
    data = list_of("6336")
    kept = unblinded.post(f"{URL}/list", file_of(data), follow_redirects=True).text
    hashes = [hashlib.sha256(one).hexdigest() for one in (data, _in_order(data))]

    assert "The list is kept as design version 1" in kept
    assert "10 rows in 4 strata" in kept
    assert HEADER in kept
    assert all(one in kept for one in hashes)
    for path in (URL, f"/studies/{GIST}/audit", f"/studies/{GIST}/randomisations"):
        text = manager.get(path).text
        assert not any(one in text for one in hashes)
        assert "rows in 4 strata" not in text
    assert "Upload a list" not in manager.get(URL).text
    assert states(open_trial) == ["entered"]


def test_a_wrong_list_is_refused_line_by_line_and_nothing_is_kept(
    unblinded: Visitor, open_trial: Trial
) -> None:
    bad = list_of("6336").replace(f"{USUAL},2,".encode(), f"{USUAL},1,".encode())
    bad = bad.replace(b"other,intact,gb,1,IM36", b"colon,intact,gb,1,IM48")
    answer = unblinded.post(f"{URL}/list", file_of(bad))
    said = re.sub(r"<[^>]+>", "", answer.text)

    assert answer.status_code == 422
    assert "The list was not taken: 3 problems. Nothing was stored." in said
    assert "Line 3: list_position 1 of gastric, intact, gb is already on line 2." in said
    assert "the design knows gastric, other." in said
    assert "the arms are IM36, IM60." in said
    assert states(open_trial) == []


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "Choose the file of the list."),
        (b"\xff\xfe\x00", "Line 1: this is not UTF-8"),
        (list_of("36").replace(b"gb", b"g\0"), "there is a NUL character"),
        (list_of("36") + b"#" * 1_000_000, "larger than 1000000 bytes"),
        (list_of("363"), "the ratio 1:1 must hold exactly"),
        (b"sizes: [4]", "Line 1: the first line is"),
        (HEADER.encode() + b"\n" + b"x\n" * 200, "and 100 more."),
    ],
)
def test_what_is_no_list_is_refused_in_words(
    unblinded: Visitor, open_trial: Trial, data: bytes, words: str
) -> None:
    answer = unblinded.post(f"{URL}/list", file_of(data))

    answer.request.environ["wsgi.input"].close()  # of the test client: a file, when it is large
    assert (answer.status_code, words in answer.text) == (422, True)
    assert states(open_trial) == []


def test_the_design_screen_has_nothing_to_simulate_of_a_list(
    unblinded: Visitor, open_trial: Trial, config: Config
) -> None:
    unblinded.post(f"{URL}/list", file_of(list_of("6336")))
    words = (
        "randomisation",
        "simulate",
        f"{GIST}/{DURATION}",
        "--trials",
        "10",
        "--participants",
        "40",
        "--as",
    )

    screen = unblinded.get(f"{URL}/simulation")
    other = unblinded.post(f"{URL}/simulation", {
        "simulate-people": "40", "simulate-trials": "10",
        "simulate-second": "method: simple",
    })  # fmt: skip
    asked = Prompt(config)(*words, EMAILS[Role.UNBLINDED], typed=f"{PASSWORD}\n")

    assert screen.status_code == 200
    assert other.status_code in (200, 422)
    assert (asked.exit_code, "Traceback" in asked.output) == (1, False), asked.output


def test_a_design_file_is_refused_where_a_list_is_wanted(unblinded: Visitor) -> None:
    page = unblinded.get(URL).text
    answer = unblinded.post(f"{URL}/design", {"design-text": "sizes: [4]"})

    assert "Enter a design" not in page
    assert answer.status_code == 422
    assert "upload the CSV file of the list itself" in answer.text


def test_the_command_line_uploads_and_names_every_line(open_trial: Trial, config: Config) -> None:
    prompt, file = Prompt(config), config.data / "list.csv"
    words = ("randomisation", "upload-list", f"{GIST}/{DURATION}", file, "--as")
    file.write_bytes(list_of("63", "x", "y"))
    refused = prompt(*words, EMAILS[Role.UNBLINDED], typed=f"{PASSWORD}\n")
    file.write_bytes(list_of("63"))
    forbidden = prompt(*words, EMAILS[Role.TRIAL_MANAGER], typed=f"{PASSWORD}\n")
    done = prompt(*words, EMAILS[Role.UNBLINDED], typed=f"{PASSWORD}\n")
    who = ("--as", EMAILS[Role.UNBLINDED])
    tried = prompt("randomisation", "test", f"{GIST}/{DURATION}", *who, typed=f"{PASSWORD}\n")

    assert (refused.exit_code, forbidden.exit_code, done.exit_code) == (1, 1, 0), done.output
    assert "Line 10: there are 1 values" in refused.output
    assert "Line 11: there are 1 values" in refused.output
    assert hashlib.sha256(list_of("63")).hexdigest() in done.output
    assert "IM60" not in done.output
    assert (tried.exit_code, "are fixed" in tried.output) == (1, True)
    assert states(open_trial) == ["entered"]
