"""Designs and keys on their pages: entered by one, activated by another, seen by nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from click.testing import CliRunner, Result

from capture.access import SYSTEM_ACTOR, Role
from capture.accounts.service import NewMembership
from capture.cli import main
from capture.config import Config
from capture.ledger.service import transaction
from capture.randomisation import reads
from capture.randomisation.allocation.service.receipts import sign_receipt
from capture.randomisation.designs.service import designs
from capture.randomisation.recovery.service.halt import halt_randomisation
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, Visitor, make_membership, make_user
from tests.support.randomising import DURATION, KEY_COPY, UNBLINDED, V, definition, draw, ready
from tests.support.randomising_pages import hidden, running_trial
from tests.support.trial import GIST, Trial

ODD = "sizes: [86, 98]"
URL = f"/studies/{GIST}/randomisations/{DURATION}"
EMAILS = {Role.UNBLINDED: "unblinded@unit.example", Role.TRIAL_MANAGER: "manager@unit.example"}


@pytest.fixture
def trial(services: Services) -> Trial:
    """The study without a design, and the two people who make one."""
    made = running_trial(services, is_active=False)
    for role, email in EMAILS.items():
        make_user(services, email=email, name=role.label.title(), role=role)
    return made


@pytest.fixture
def unblinded(trial: Trial, sign_in: Callable[..., Visitor]) -> Visitor:
    return sign_in(EMAILS[Role.UNBLINDED])


@pytest.fixture
def manager(trial: Trial, sign_in: Callable[..., Visitor]) -> Visitor:
    return sign_in(EMAILS[Role.TRIAL_MANAGER])


def enter(unblinded: Visitor, text: str = ODD) -> str:
    return unblinded.post(f"{URL}/design", {"design-text": text}, follow_redirects=True).text


def activation(**changes: str) -> dict[str, str]:
    return {
        "version": f"{DURATION}/1",
        "activate-v": V,
        "activate-key_copy": KEY_COPY,
        "activate-password": PASSWORD,
        **changes,
    }


def state_of(trial: Trial) -> list[str]:
    with trial.database.reading() as connection:
        return [one.state for one in reads.list_design_versions(connection, GIST, DURATION)]


def test_two_people_bring_a_design_into_force(
    unblinded: Visitor, manager: Visitor, trial: Trial
) -> None:
    enter(unblinded)
    page = manager.post(f"{URL}/activate", activation(), follow_redirects=True)

    assert "The design is active" in page.text
    assert state_of(trial) == ["active"]
    certificate = manager.get(f"{URL}/certificate/1").text
    with trial.database.reading() as connection:
        version = reads.list_design_versions(connection, GIST, DURATION)[0]
    for words in (version.commitment, version.r_hash, V, "Unblinded Statistician", "Trial Manager"):
        assert str(words) in certificate


def test_only_the_unblinded_statistician_sees_the_sizes(
    unblinded: Visitor, manager: Visitor, trial: Trial
) -> None:
    enter(unblinded)
    manager.post(f"{URL}/activate", activation())

    assert "86 (weight 1), 98 (weight 1)" in unblinded.get(URL).text
    for path in (URL, f"{URL}/certificate/1", f"/studies/{GIST}/randomisations"):
        assert re.search(r"\b(86|98)\b", manager.get(path).text) is None
    assert unblinded.get(f"{URL}/proof.json").status_code == 200
    assert manager.get(f"{URL}/proof.json").status_code == 422


def test_the_parameters_of_another_method_are_shown_to_the_same_person_alone(
    unblinded: Visitor, manager: Visitor, trial: Trial
) -> None:
    known = definition(trial)
    coin = known.randomisations[0].model_copy(update={"method": "chen_biased_coin"})
    changed = known.model_copy(update={"randomisations": (coin,)})
    with trial.acting(UNBLINDED) as tx:
        designs.enter_design(tx, changed, 1, DURATION, {"p": "83/97", "tolerance": 43})

    page = unblinded.get(URL).text
    assert "83/97" in page
    assert "Largest difference between the arms" in page
    assert ">43<" in re.sub(r"\s", "", page)
    assert re.search(r"83/97|Largest difference", manager.get(URL).text) is None


@pytest.mark.parametrize(
    "text, words",
    [
        ("sizes: [3]", "3"),
        ("sizes: [4, 4.5]", "4.5"),
        ("sizes: four", "four"),
        ("sizes: [4]\nseed: 7", "seed"),
        ("sizes: [4", "not YAML"),
        ("a: &a [1]\nsizes: *a", "aliases"),
        ("", "Choose a design file"),
        ("[4, 6]", "not a list of names"),
        ("sizes: [4]" + "#" * 10_000, "short"),
    ],
)
def test_a_wrong_design_is_refused_with_its_reason(
    unblinded: Visitor, trial: Trial, text: str, words: str
) -> None:
    answer = unblinded.post(f"{URL}/design", {"design-text": text})

    assert answer.status_code == 422
    assert words in answer.text
    assert state_of(trial) == []


def test_a_design_comes_as_a_file_too(unblinded: Visitor, trial: Trial) -> None:
    sent = {"design-file": (BytesIO(b"sizes: [4]\n"), "design.yaml")}
    bad = {"design-file": (BytesIO(b"\xff\xfe\x00"), "design.yaml")}

    assert unblinded.post(f"{URL}/design", bad).status_code == 422
    assert unblinded.post(f"{URL}/design", sent).status_code == 303
    assert state_of(trial) == ["entered"]


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"activate-key_copy": "02" * 32}, "does not open the design"),
        ({"activate-key_copy": "no key"}, "does not open the design"),
        ({"activate-v": "short"}, "characters that nobody could foresee"),
        ({"activate-password": "wrong"}, "password"),
        ({"version": f"{DURATION}/7"}, "not known"),
    ],
)
def test_a_wrong_activation_changes_nothing(
    unblinded: Visitor, manager: Visitor, trial: Trial, wrong: dict[str, str], words: str
) -> None:
    enter(unblinded)

    answer = manager.post(f"{URL}/activate", activation(**wrong))

    assert answer.status_code == 422
    assert words in answer.text
    assert wrong.get("activate-key_copy", "02" * 32) not in answer.text
    assert state_of(trial) == ["entered"]


def test_each_half_belongs_to_its_own_role(
    unblinded: Visitor, manager: Visitor, trial: Trial
) -> None:
    assert manager.post(f"{URL}/design", {"design-text": ODD}).status_code == 403
    enter(unblinded)
    assert unblinded.post(f"{URL}/activate", activation()).status_code == 403


def test_a_key_is_unsealed_by_two_and_then_proved(
    unblinded: Visitor,
    manager: Visitor,
    trial: Trial,
    services: Services,
    sign_in: Callable[..., Visitor],
) -> None:
    enter(unblinded)
    manager.post(f"{URL}/activate", activation())
    asked = {
        "unseal-version": f"{DURATION}/1",
        "unseal-reason": "Recruitment ended",
        "unseal-password": PASSWORD,
    }
    second = {"version": f"{DURATION}/1", "second-password": PASSWORD}

    assert manager.post(f"{URL}/unseal", {**asked, "unseal-reason": ""}).status_code == 422
    assert manager.post(f"{URL}/unseal", asked).status_code == 303
    assert manager.post(f"{URL}/unseal/confirm", second).status_code == 422
    assert unblinded.post(f"{URL}/unseal/confirm", second).status_code == 303
    assert state_of(trial) == ["disclosed"]
    assert manager.get(f"{URL}/proof.json").json["designs"][0]["v"] == V.encode().hex()
    assert f"{URL}/proof.json" in manager.get(URL).text
    masked = make_user(services, email="masked@unit.example", name="Kim", role=None)
    new = NewMembership(masked.id, Role.TRIAL_MANAGER, None, "2020-01-01", masked=True)
    make_membership(services, new=new)
    blind = sign_in(masked.email)
    assert blind.get(f"{URL}/proof.json").status_code == 403
    assert f"{URL}/proof.json" not in blind.get(URL).text


def test_lists_show_what_is_used_and_nothing_of_what_comes(
    unblinded: Visitor, manager: Visitor, services: Services, trial: Trial
) -> None:
    enter(unblinded, "sizes: [4]")
    manager.post(f"{URL}/activate", activation())
    past = make_trial_at_start(trial)
    for _ in range(2):
        draw(past, ready(past))

    page = unblinded.get(URL).text

    assert "gastric, intact, gb" in page
    assert "Places used" in page
    assert "Places used" not in manager.get(URL).text


def make_trial_at_start(trial: Trial) -> Trial:
    """The same trial on the day for which the builders' forms are eligible."""
    return trial.on("2026-03-02")


def test_nobody_else_finds_these_pages(
    services: Services, trial: Trial, sign_in: Callable[..., Visitor]
) -> None:
    make_user(services, email="dm@unit.example", role=Role.DATA_MANAGER)
    visitor = sign_in("dm@unit.example")

    for path in ("", "/certificate/1", "/proof.json", "/reconcile"):
        assert visitor.get(f"{URL}{path}").status_code == 403


LOST = {
    "study": GIST, "randomisation": DURATION, "number": 2, "design_version": 9, "arm": "IM36",
    "participant": "p-2", "participant_number": "NOR0002", "screening_number": "S-NOR0002",
    "site": "northfield", "levels": {}, "local_date": "2026-03-02", "screened_on": "2026-03-01",
    "enrolled_on": "2026-03-02", "at": "2026-03-02T10:00:00.000000Z", "by": "u-1",
    "request_id": "r-2", "place": "0",
}  # fmt: skip
"""A receipt of a design that is not in the database any more, but for its signature."""


def test_a_halt_is_reconciled_by_two_on_pages(
    unblinded: Visitor, manager: Visitor, services: Services, trial: Trial
) -> None:
    enter(unblinded, "sizes: [4]")
    manager.post(f"{URL}/activate", activation())
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        halt_randomisation(tx, GIST, DURATION, "the database was restored")
    proposed = {"propose-highest": "2", "propose-password": PASSWORD}

    assert "Reconcile" in manager.get(URL).text
    bad = manager.post(f"{URL}/reconcile", {**proposed, "propose-text": "{}"})
    assert (bad.status_code, "this is not a receipt" in bad.text) == (422, True)
    receipt = json.dumps(sign_receipt(LOST, services.config.checkpoint_key))
    mine = manager.post(
        f"{URL}/reconcile", {**proposed, "propose-text": receipt}, follow_redirects=True
    )
    assert "Missing: no receipt" in mine.text
    assert "Missing: the key of its design is lost" in mine.text
    assert "NOR0002" in mine.text
    assert "A second person has to confirm this" in mine.text
    page = unblinded.get(f"{URL}/reconcile")
    sent = {"seen": hidden(page)["seen"], "second-password": PASSWORD}
    stale = unblinded.post(f"{URL}/reconcile/confirm", {**sent, "seen": "older"})
    assert stale.status_code == 409
    own = manager.post(f"{URL}/reconcile/confirm", sent)
    assert own.status_code == 422
    done = unblinded.post(f"{URL}/reconcile/confirm", sent, follow_redirects=True)

    assert "A new design version is needed" in done.text
    assert state_of(trial) == ["closed"]
    assert manager.get(f"{URL}/reconcile").location == URL


@pytest.fixture
def environment(config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SARCOMERE_DATA", str(config.data))
    if not config.is_sqlite:
        monkeypatch.setenv("SARCOMERE_DATABASE_URL", config.database_url)
    monkeypatch.setenv("SARCOMERE_SECRET_KEY", config.secret_key)
    monkeypatch.setenv("SARCOMERE_CONCEALMENT_KEY", config.concealment_key.hex())
    monkeypatch.setenv("SARCOMERE_CHECKPOINT_KEY", config.checkpoint_key.hex())


def run(*words: object, typed: str = "") -> Result:
    return CliRunner().invoke(main, ["randomisation", *map(str, words)], input=typed)


@pytest.mark.usefixtures("environment")
def test_the_command_line_does_the_same(trial: Trial, config: Config) -> None:
    file, out = config.data / "design.yaml", config.data / "proof.json"
    file.write_text(ODD)
    place = f"{GIST}/{DURATION}"

    entered = run("design", place, file, "--as", EMAILS[Role.UNBLINDED], typed=f"{PASSWORD}\n")
    activated = run(
        "activate",
        place,
        "--as",
        EMAILS[Role.TRIAL_MANAGER],
        typed=f"{PASSWORD}\n{V}\n{KEY_COPY}\n",
    )
    refused = run("proof", place, "--out", out)
    proved = run(
        "proof", place, "--out", out, "--as", EMAILS[Role.UNBLINDED], typed=f"{PASSWORD}\n"
    )

    nowhere = config.data / "no folder" / "proof.json"
    unwritten = run(
        "proof", place, "--out", nowhere, "--as", EMAILS[Role.UNBLINDED], typed=f"{PASSWORD}\n"
    )

    assert [entered.exit_code, activated.exit_code] == [0, 0], entered.output + activated.output
    assert (unwritten.exit_code, "was not written: No such file" in unwritten.output) == (1, True)
    assert "Commitment: " in activated.output
    assert KEY_COPY not in activated.output
    assert (refused.exit_code, proved.exit_code) == (1, 0)
    assert out.read_bytes().startswith(b"{")


@pytest.mark.usefixtures("environment")
def test_a_try_out_counts_arms_and_touches_no_list(
    trial: Trial, unblinded: Visitor, config: Config
) -> None:
    words = ("test", f"{GIST}/{DURATION}", "--participants", "8", "--as")
    assert run(*words, EMAILS[Role.UNBLINDED], typed=f"{PASSWORD}\n").exit_code == 1
    enter(unblinded, "sizes: [4]")

    result = run(*words, EMAILS[Role.UNBLINDED], typed=f"{PASSWORD}\n")
    forbidden = run(*words, EMAILS[Role.TRIAL_MANAGER], typed=f"{PASSWORD}\n")

    assert (forbidden.exit_code, "IM36" in forbidden.output) == (1, False)
    lines = [line for line in result.output.splitlines() if "IM36" in line]
    assert result.exit_code == 0
    assert len(lines) == 2 * 2 * 5
    assert "gastric, ruptured, gb: IM36 4, IM60 4" in lines
    with trial.database.reading() as connection:
        assert reads.list_use(connection, GIST, DURATION) == []


def test_a_block_of_two_is_warned_about_where_it_is_entered(
    unblinded: Visitor, manager: Visitor
) -> None:
    """In a block of 2 a user who counts is right in 3 of 4, and sure of every second arm."""
    words = "names 75.0 % of the arms correctly and knows 50.0 % for sure"

    shown = enter(unblinded, "sizes: [2]")

    assert "Warnings about this design" in shown
    assert words in shown
    assert "Warnings about this design" not in manager.get(URL).text
    assert "Warnings about this design" not in enter(unblinded, "sizes: [4, 6]")


@pytest.mark.usefixtures("environment")
def test_the_command_line_warns_too(trial: Trial, config: Config) -> None:
    file = config.data / "design.yaml"
    file.write_text("sizes: [2]")

    done = run(
        "design", f"{GIST}/{DURATION}", file, "--as", EMAILS[Role.UNBLINDED], typed=f"{PASSWORD}\n"
    )

    assert done.exit_code == 0
    assert "Warning: A block of 2 is the smallest possible" in done.output
