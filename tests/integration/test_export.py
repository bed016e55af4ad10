"""Bundles of datasets on both databases: one moment, typed, repeatable, all or nothing."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from capture import clock
from capture.access import SYSTEM_ACTOR, Actor, Role
from capture.db import Database, metadata
from capture.export.participant_record import TABLES
from capture.export.request import ExportRequest
from capture.export.service import build_bundle, export_to, plan_export
from capture.export.sources import LedgerSource, TableSource
from capture.ledger import sealing
from capture.ledger.concealment import Concealment
from capture.ledger.fold import StateRow
from capture.ledger.service import transaction
from capture.ledger.tree_heads import read_checkpoints
from capture.participants import service as participants
from capture.participants.records import Participant
from capture.problems import InvalidInput, NotAllowed, NotFound, Refused
from tests.conftest import migrate_template
from tests.support import postgres
from tests.support.datasets import correct_entry, make_allocation, make_entry, make_keys
from tests.support.randomising import republish
from tests.support.trial import GIST, NURSE, Trial, make_actor, make_trial

UNBLINDED = make_actor(Role.UNBLINDED)
STATISTICIAN = make_actor(Role.STATISTICIAN)
DATA_MANAGER = make_actor(Role.DATA_MANAGER)
ON_SQLITE = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
"""For what no database has a part in."""

SAFETY_CALL = (
    "visits:\n  - slug: baseline\n",
    """\
visits:
  - slug: safety_call
    title: Call after treatment
    anchor: treatment_withdrawal
    offset: {days: 30}
    window: {after: 14}
    instruments: [vitals]
  - slug: baseline
""",
)
SHOWN_TO_ALL = (
    "  revealing: withhold\n",
    "  revealing: withhold\n  accepts: [safety_call]\n  reason: Both arms are called\n",
)
"""Changes of the GIST study: a visit of both arms that hangs on an event which tells the arm."""

LATER = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def trial(database: Database, concealment: Concealment) -> Trial:
    return make_trial(database, concealment)


@pytest.fixture
def person(trial: Trial) -> Participant:
    """Somebody enrolled and allocated IM60, with a baseline and one drug visit."""
    enrolled = trial.enrolled()
    make_entry(
        trial,
        enrolled,
        "demography",
        {"birth_date": {"v": "1961-05-14"}, "sex": {"v": "female"}},
        visit="baseline",
    )
    make_entry(trial, enrolled, "haematology", BLOOD, visit="baseline", assessed="2026-03-02")
    make_allocation(trial, enrolled, "IM60")
    later = trial.on("2026-04-01")
    drug = {"imtx_date": {"v": "2026-04-01"}, "imtx_dose_mg": {"v": 400}}
    make_entry(later, enrolled, "imatinib_treatment", drug, visit="drug_m1", assessed="2026-04-01")
    make_entry(later, enrolled, "haematology", BLOOD, visit="drug_m1", assessed="2026-04-01")
    return enrolled


BLOOD: dict[str, dict[str, Any]] = {
    "haem_date": {"v": "2026-03-02"},
    "hb": {"v": "120", "u": "g/dL", "raw": "12.0"},
    "wbc": {"v": "6.25"},
    "anc": {"m": "not_done"},
    "plt": {"v": 250},
}


def taken(
    trial: Trial, out: Path, *, actor: Actor = UNBLINDED, at: datetime = LATER, **asked: str
) -> Path:
    """Export to a folder of this name; gives it."""
    with clock.running_at(at):
        export_to(
            make_keys(trial), actor, ExportRequest(GIST, **{"formats": "csv,parquet", **asked}), out
        )
    return out


def _sorted(rows: Any) -> dict[str, list[StateRow]]:
    return {name: sorted(rows[name], key=lambda row: row["id"]) for name in rows}


def lines(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(folder: Path, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return rows


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "MANIFEST.json").read_text("utf-8"))
    return found


def hashes(folder: Path) -> dict[str, str]:
    return {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in folder.iterdir()}


def entry_row(trial: Trial, entry: str) -> StateRow:
    source = metadata.tables["entry"]
    with trial.database.reading() as connection:
        return dict(
            connection.execute(source.select().where(source.c.id == entry)).mappings().one()
        )


def test_values_come_back_typed_from_parquet(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    blood = table(taken(trial, tmp_path / "out"), "haematology")[0]

    assert blood["hb"] == Decimal("120.0")
    assert blood["hb_unit"] == "g/dL"
    assert blood["wbc"] == Decimal("6.25")
    assert (blood["anc"], blood["anc_mis"]) == (None, "not_done")
    assert (blood["plt"], blood["plt_mis"]) == (250, None)
    assert blood["haem_date"] == date(2026, 3, 2)
    assert blood["saved_at"] == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert blood["screening_number"] == "NOR-S-0001"


@ON_SQLITE
def test_values_come_back_exactly_from_csv(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    blood = lines(taken(trial, tmp_path / "out"), "haematology")[0]

    assert (blood["hb"], blood["wbc"], blood["plt"]) == ("120.0", "6.25", "250")
    assert (blood["anc"], blood["anc_mis"]) == ("", "not_done")
    assert (blood["haem_date"], blood["saved_on"]) == ("2026-03-02", "2026-03-02")


@ON_SQLITE
def test_partial_dates_keep_their_text_and_get_bounds(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    told = {"recurrence_date": {"v": "2024-02"}, "recurrence_sites": {"v": ["liver"]}}
    make_entry(trial, person, "recurrence", told)
    row = table(taken(trial, tmp_path / "out"), "recurrence")[0]

    assert row["recurrence_date"] == "2024-02"
    assert row["recurrence_date_earliest"] == date(2024, 2, 1)
    assert row["recurrence_date_latest"] == date(2024, 2, 29)


@ON_SQLITE
def test_a_choice_never_asked_is_blank_and_not_false(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    make_entry(trial, person, "recurrence", {"recurrence_sites": {"v": ["liver"]}})
    make_entry(trial, person, "recurrence", {}, instance=2)
    asked, blank = table(taken(trial, tmp_path / "out"), "recurrence")

    assert (asked["recurrence_sites___liver"], asked["recurrence_sites___local"]) == (True, False)
    assert blank["recurrence_sites___liver"] is None


@ON_SQLITE
def test_answers_hidden_by_a_later_one_are_left_out(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    told = {"death_cause": {"v": "disease"}, "death_other": {"v": "A fall"}}
    make_entry(trial, person, "death", told, hidden=("death_other",))
    row = table(taken(trial, tmp_path / "out"), "death")[0]

    assert (row["death_cause"], row["death_cause_lbl"]) == ("disease", "Disease under study")
    assert row["death_other"] is None


@ON_SQLITE
def test_a_form_not_done_has_a_row_without_values(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    make_entry(
        trial, person, "vitals", {"pulse_min": {"v": 60}}, visit="baseline", status="not_done"
    )
    row = table(taken(trial, tmp_path / "out"), "vitals")[0]

    assert (row["status"], row["pulse_min"]) == ("not_done", None)


@ON_SQLITE
@pytest.mark.parametrize("text", ['=HYPERLINK("x")', "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1"])
def test_text_that_looks_like_a_formula_is_quoted_in_csv_alone(
    trial: Trial, person: Participant, tmp_path: Path, text: str
) -> None:
    told = {"death_cause": {"v": "other"}, "death_other": {"v": text}}
    make_entry(trial, person, "death", told)
    out = taken(trial, tmp_path / "out")

    assert lines(out, "death")[0]["death_other"] == f"'{text}"
    assert table(out, "death")[0]["death_other"] == text


def test_as_of_before_a_correction_has_the_old_value_and_after_it_the_new(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    entry = make_entry(trial, person, "vitals", {"pulse_min": {"v": 60}}, visit="baseline")
    corrected = trial.on("2026-05-04")
    correct_entry(corrected, person, entry_row(trial, entry), pulse_min=({"v": 60}, {"v": 66}))

    before = taken(trial, tmp_path / "a", as_of="2026-05-04T08:59:59Z")
    after = taken(trial, tmp_path / "b", as_of="2026-05-04T09:00:00Z")
    by_day = taken(trial, tmp_path / "c", as_of="2026-05-03")

    values = [table(one, "vitals")[0]["pulse_min"] for one in (before, after, by_day)]
    assert values == [60, 66, 60]


def test_the_same_instant_gives_the_same_bytes_for_ever(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    first = taken(trial, tmp_path / "a", as_of="2026-04-15")
    make_entry(trial.on("2026-05-04"), person, "death", {"death_date": {"v": "2026-05"}})
    again = taken(trial, tmp_path / "b", as_of="2026-04-15", at=LATER + timedelta(days=400))

    assert hashes(first) == hashes(again)


def test_now_and_the_instant_of_now_give_the_same_values(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    now = taken(trial, tmp_path / "a")
    make_entry(trial.on("2027-01-02"), person, "death", {"death_date": {"v": "2026-12"}})
    head = manifest(now)["tree_head"]["at"]
    then = taken(trial, tmp_path / "b", as_of=head, at=LATER + timedelta(days=2))

    # The first is read from the tables, the second folded from the ledger.
    assert hashes(now) == hashes(then)


def test_tables_and_ledger_say_the_same(trial: Trial, person: Participant) -> None:
    trial.screen()
    position, _ = sealing.position_at(trial.database, GIST, None)
    with trial.database.reading() as connection:
        folded = LedgerSource(connection, trial.concealment, GIST, position)
        stored = TableSource(connection, GIST)

        assert _sorted(folded.whole_study()) == _sorted(stored.whole_study())
        assert [_sorted(one) for one in folded.people(None)] == [
            _sorted(one) for one in stored.people(None)
        ]


def test_a_transaction_held_open_across_the_instant_does_not_change_it(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    """It writes before the instant and commits after a dataset was made: it is never in it."""
    keys, asked = make_keys(trial), ExportRequest(GIST, as_of="2026-06-01T12:00:00Z")
    before = datetime(2026, 6, 1, 11, 59, tzinfo=UTC)
    folders = [tmp_path / "while-open", tmp_path / "committed"]
    for folder in folders:
        folder.mkdir()
    with clock.running_at(LATER):
        with transaction(trial.database, NURSE, trial.concealment) as tx:
            tx.at = clock.as_text(before)
            with clock.running_at(before):
                consent = participants.ConsentTaken("main", "2.0", "2026-05-30", "A. Cole")
                participants.give_consent(tx, GIST, person.id, consent)
            build_bundle(keys, UNBLINDED, plan_export(keys, UNBLINDED, asked), folders[0])
        build_bundle(keys, UNBLINDED, plan_export(keys, UNBLINDED, asked), folders[1])

    assert tx.at < "2026-06-01T12:00:00Z"
    assert hashes(folders[0]) == hashes(folders[1])
    assert table(taken(trial, tmp_path / "now"), "participants")[0]["consent_main"] == "regiven"


def test_cutoff_is_independent_of_the_instant(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    late = trial.on("2026-06-01")
    make_entry(
        late, person, "vitals", {"pulse_min": {"v": 60}}, visit="baseline", assessed="2026-03-01"
    )
    out = taken(trial, tmp_path / "out", cutoff="2026-03-15")

    assert len(table(out, "vitals")) == 1
    assert [one["visit"] for one in table(out, "haematology")] == ["baseline"]
    assert {one["visit"] for one in table(out, "visits")} == {"baseline"}


def test_blinded_statistician_sees_no_arm_and_nothing_that_reveals_it(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    out = taken(trial, tmp_path / "out", actor=STATISTICIAN)
    every_byte = b"".join(one.read_bytes() for one in out.glob("*.csv"))

    assert b"IM60" not in every_byte
    assert not (out / "imatinib_treatment.csv").exists()
    assert "arm" not in table(out, "participants")[0]
    assert [one["visit"] for one in table(out, "haematology")] == ["baseline"]
    assert not any(one["visit"].startswith("drug") for one in table(out, "visits"))
    assert "imatinib_treatment" in manifest(out)["shown_to"]["withheld_instruments"]
    assert not (out / "imatinib_periods.csv").exists()
    assert "fu_tki" not in (out / "follow_up.csv").read_text().partition("\n")[0]
    assert "treatment_withdrawal_date" not in table(out, "participants")[0]


@ON_SQLITE
def test_last_contact_of_a_blinded_export_is_none_of_an_arms_own_visits(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    blind = table(taken(trial, tmp_path / "a", actor=STATISTICIAN), "tte_os")[0]
    seen = table(taken(trial, tmp_path / "b"), "tte_os")[0]

    assert (blind["ADT"], seen["ADT"]) == (date(2026, 3, 2), date(2026, 4, 1))


@ON_SQLITE
def test_what_a_visit_is_counted_from_is_left_out_where_that_event_is_withheld(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    """The study shows the visit itself to everybody, and gives its reason."""
    republish(trial, SAFETY_CALL, SHOWN_TO_ALL)
    with trial.on("2026-04-02").acting() as tx:
        said = participants.Withdrawal("treatment_withdrawal", "2026-04-02", "participant", "Tired")
        participants.withdraw(tx, GIST, person.id, said)

    def told(out: Path) -> list[tuple[date, str | None]]:
        return [
            (row["target_date"], row["anchor"])
            for row in table(out, "visits")
            if row["visit"] == "safety_call"
        ]

    day = date(2026, 5, 2)
    assert told(taken(trial, tmp_path / "seen")) == [(day, "treatment_withdrawal")]
    assert told(taken(trial, tmp_path / "blind", actor=STATISTICIAN)) == [(day, None)]


@ON_SQLITE
def test_unblinded_statistician_sees_arm_and_drug_visits(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    out = taken(trial, tmp_path / "out")
    row = table(out, "participants")[0]

    assert (row["arm"], row["arm_lbl"]) == ("IM60", "5 years (continue imatinib)")
    assert (row["stratum_tumour_site"], row["stratum_tumour_site_corrected"]) == ("gastric", None)
    assert row["allocated_on"] == date(2026, 3, 2)
    assert table(out, "imatinib_treatment")[0]["imtx_dose_mg"] == 400


@ON_SQLITE
def test_no_list_position_leaves(trial: Trial, person: Participant, tmp_path: Path) -> None:
    out = taken(trial, tmp_path / "out")
    columns = {name for one in manifest(out)["datasets"] for name in one["columns"]}

    assert not [name for name in columns if "list" in name or "position" in name]


@ON_SQLITE
def test_without_a_person_the_view_is_the_blinded_statisticians(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    own = taken(trial, tmp_path / "a", actor=SYSTEM_ACTOR, as_of="2026-04-15")
    theirs = taken(trial, tmp_path / "b", actor=STATISTICIAN, as_of="2026-04-15")

    assert hashes(own) == hashes(theirs)


@ON_SQLITE
def test_identifying_items_need_the_role_and_a_reason(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    without = taken(trial, tmp_path / "a", actor=DATA_MANAGER)
    reason = "Linkage to the cancer registry"
    given = taken(trial, tmp_path / "b", actor=DATA_MANAGER, identifying=reason)

    assert "birth_date" not in table(without, "demography")[0]
    assert table(given, "demography")[0]["birth_date"] == date(1961, 5, 14)
    assert reason not in (given / "MANIFEST.json").read_text("utf-8")
    for actor in (UNBLINDED, SYSTEM_ACTOR):
        with pytest.raises(InvalidInput):
            taken(trial, tmp_path / "c", actor=actor, identifying=reason)
    assert not (tmp_path / "c").exists()


def test_somebody_of_one_site_takes_that_site_away(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    trial.screen("fjordvik", make_actor(Role.NURSE, "fjordvik"))
    actor = make_actor(Role.DATA_MANAGER, "fjordvik")
    out = taken(trial, tmp_path / "out", actor=actor)

    assert {one["site"] for one in table(out, "participants")} == {"fjordvik"}
    assert manifest(out)["shown_to"]["sites"] == ["fjordvik"]


def test_people_stand_in_order_of_site_and_screening_number(trial: Trial, tmp_path: Path) -> None:
    nurse = make_actor(Role.NURSE)
    for site in ("northfield", "fjordvik", "northfield"):
        trial.screen(site, nurse)
    rows = table(taken(trial, tmp_path / "out"), "participants")

    numbers = [one["screening_number"] for one in rows]
    assert numbers == ["FJO-S-0001", "NOR-S-0001", "NOR-S-0002"]
    assert [one["is_allocated"] for one in rows] == [False, False, False]


@ON_SQLITE
@pytest.mark.parametrize("role", [Role.NURSE, Role.MONITOR, Role.TRIAL_MANAGER, Role.ADMINISTRATOR])
def test_other_roles_take_nothing_away(trial: Trial, tmp_path: Path, role: Role) -> None:
    with pytest.raises(NotAllowed):
        taken(trial, tmp_path / "out", actor=make_actor(role))


def test_manifest_names_every_file_and_the_tree_head_of_its_position(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    out = taken(trial, tmp_path / "out")
    told = manifest(out)
    named = [*told["files"], *(file for one in told["datasets"] for file in one["files"])]

    assert {one["name"]: one["sha256"] for one in named} == {
        name: digest for name, digest in hashes(out).items() if name != "MANIFEST.json"
    }
    with trial.database.reading() as connection:
        size = told["tree_head"]["size"]
        head = sealing.tree_head(connection, GIST, size, make_keys(trial).signing)
    assert told["tree_head"] == head.__dict__
    # `sarcomere verify --against` takes the manifest as it is.
    assert read_checkpoints(out / "MANIFEST.json") == [head]


@ON_SQLITE
def test_value_digest_is_of_values_and_not_of_the_format(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    asked = {"as_of": "2026-04-15"}
    both = manifest(taken(trial, tmp_path / "a", **asked))
    one = manifest(taken(trial, tmp_path / "b", formats="parquet", **asked))

    digests = [[d["values_sha256"] for d in told["datasets"]] for told in (both, one)]
    assert digests[0] == digests[1]


def test_both_databases_give_the_same_digests(migrated_file: Path, tmp_path: Path) -> None:
    shutil.copy(migrated_file, tmp_path / "sarcomere.sqlite")
    urls = postgres.new_database(postgres.template("migrated", migrate_template))
    digests = []
    for name, url in (("lite", f"sqlite:///{tmp_path}/sarcomere.sqlite"), ("pg", urls.application)):
        database = Database(url)
        trial = make_trial(database, Concealment(b"\x01" * 32))
        people = [trial.enrolled(), trial.screen()]
        make_entry(trial, people[0], "haematology", BLOOD, visit="baseline", assessed="2026-03-02")
        make_allocation(trial, people[0], "IM60")
        out = taken(trial, tmp_path / name)
        database.engine.dispose()
        digests.append({one["name"]: one["values_sha256"] for one in manifest(out)["datasets"]})
    postgres.drop_database(urls)

    assert digests[0] == digests[1]


@ON_SQLITE
def test_codebook_has_a_line_for_every_column(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    out = taken(trial, tmp_path / "out")
    listed = [(one["dataset"], one["column"]) for one in lines(out, "codebook")]

    assert listed == [
        (one["name"], column) for one in manifest(out)["datasets"] for column in one["columns"]
    ]
    codes = [one["code"] for one in lines(out, "codelists") if one["column"] == "gist_resection"]
    assert codes == ["r0", "r1", "r2"]


@ON_SQLITE
def test_codelists_have_every_code_that_the_data_have(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    make_entry(trial, person, "recurrence", {"recurrence_date": {"v": "2026-03-20"}})

    out = taken(trial, tmp_path / "out")

    listed = {(one["dataset"], one["column"], one["code"]) for one in lines(out, "codelists")}
    coded = {(dataset, column) for dataset, column, _code in listed}
    found = {
        (dataset, column, value)
        for dataset, column in coded
        for value in (one[column] for one in lines(out, dataset))
        if value
    }
    assert found - listed == set()
    assert ("recurrence", "visit", "log") in found
    assert listed >= {
        ("participants", "reason_not_enrolled", "declined"),
        ("participants", "age_band", "60_74"),
        ("imaging", "not_done_reason", "not_done"),
    }


@ON_SQLITE
def test_a_folder_with_something_in_it_is_refused(trial: Trial, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")

    with pytest.raises(Refused, match="not an empty folder"):
        taken(trial, tmp_path / "out")
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["mine.txt"]


@ON_SQLITE
def test_a_name_no_disk_takes_is_refused_in_words(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    for name in ("n" * 250, "n" * 300):
        with pytest.raises(Refused, match="cannot be written: File name too long"):
            taken(trial, tmp_path / "new" / name)

    assert list((tmp_path / "new").iterdir()) == []


@ON_SQLITE
def test_a_failed_export_leaves_nothing_behind(
    trial: Trial, person: Participant, tmp_path: Path
) -> None:
    make_entry(trial, person, "vitals", {"pulse_min": {"v": "sixty"}}, visit="baseline")

    with pytest.raises(Refused, match=r"vitals\.pulse_min does not fit"):
        taken(trial, tmp_path / "new" / "out")
    assert list((tmp_path / "new").iterdir()) == []


def test_what_cannot_be_made_is_refused_in_words(trial: Trial, tmp_path: Path) -> None:
    keys = make_keys(trial)
    for asked, field in (
        (ExportRequest(GIST, "xpt"), "formats"),
        (ExportRequest(GIST, as_of="2999-01-01"), "as_of"),
        (ExportRequest(GIST, cutoff="soon"), "cutoff"),
    ):
        with pytest.raises(InvalidInput) as caught:
            plan_export(keys, UNBLINDED, asked)
        assert caught.value.field == field
    with pytest.raises(Refused, match="on record by then"):
        plan_export(keys, UNBLINDED, ExportRequest(GIST, as_of="2001-01-01"))
    with pytest.raises(NotFound):
        plan_export(keys, SYSTEM_ACTOR, ExportRequest("unheard-of"))


def test_all_tables_of_a_participant_are_read() -> None:
    about_people = {
        table.name
        for table in metadata.sorted_tables
        if table.info.get("folded") and "participant" in table.c
    }

    # A confirmation of eligibility is no data, what was put right counts no more, and the last two
    # tell of a person's past, of which the columns of each instant are made.
    no_data = {"confirmation", "entered_in_error", "former_number", "site_transfer"}
    assert about_people - no_data == set(TABLES) - {"participant"}
