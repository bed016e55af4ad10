"""A rehearsal: the real services on a forward clock, the same for the same seed everywhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from capture import clock
from capture.access import SYSTEM_ACTOR, Action, Role
from capture.accounts.tables import account
from capture.db import Database
from capture.entry.tables import entry
from capture.export.request import ExportRequest
from capture.export.service import ExportKeys, export_to
from capture.ledger.action_labels import ACTION_LABELS
from capture.ledger.concealment import Concealment
from capture.ledger.service import transaction
from capture.ledger.tables import ledger, ledger_body, seal
from capture.ledger.verify import verify_study
from capture.participants.records import Status
from capture.participants.tables import participant, participant_event, visit
from capture.problems import InvalidInput, Refused
from capture.randomisation.tables import allocation, confirmation
from capture.study import service as studies
from capture.synthetic import RehearsalPlan, Summary, rehearse
from capture.synthetic.setup import prepare
from capture.web.request_context import Services
from forms.load import BUNDLED_STUDIES, read_folder
from tests.support.builders import make_config
from tests.support.rehearsed import ESIGN
from tests.support.trial import make_actor

GIST = RehearsalPlan("gist-imatinib", 12, 7, date(2024, 1, 8), date(2025, 11, 3))

PUT_RIGHT = (
    Action.ENTRY_MARK_IN_ERROR,
    Action.ENTRY_REINSTATE,
    Action.VISIT_MARK_IN_ERROR,
    Action.PARTICIPANT_MARK_IN_ERROR,
    Action.PARTICIPANT_RENUMBER,
    Action.PARTICIPANT_TRANSFER,
)
LEGS = RehearsalPlan("functional-muscle-transfer", 14, 1, date(2023, 1, 9), date(2025, 11, 3))
MUSCLE = RehearsalPlan(
    "muscle-demo",
    16,
    5,
    date(2025, 1, 6),
    date(2025, 9, 1),
    folder=Path(__file__).parents[1] / "studies" / "muscle-demo",
)

DOSE = RehearsalPlan(
    "dose-demo",
    14,
    3,
    date(2024, 1, 8),
    date(2025, 11, 3),
    folder=Path(__file__).parents[1] / "studies" / "dose-demo",
)


def _services(database: Database, tmp_path: Path) -> Services:
    config = make_config(data=tmp_path, database_url=database.url)
    return Services(database, Concealment(config.concealment_key), config)


def _rehearsed(database: Database, tmp_path: Path, plan: RehearsalPlan) -> tuple[Services, Summary]:
    services = _services(database, tmp_path)
    return services, rehearse(services, plan)


def _rows(database: Database, study: str) -> list[tuple[str, str]]:
    with database.reading() as connection:
        statement = (
            sa.select(ledger.c.row_hash, seal.c.sealed_at)
            .join(seal, seal.c.ledger_id == ledger.c.id)
            .where(ledger.c.study == study)
            .order_by(seal.c.position)
        )
        return [(row.row_hash, row.sealed_at) for row in connection.execute(statement)]


def unworded(database: Database) -> set[str]:
    """The items of recorded bodies that have no label and are not listed as not shown."""
    with database.reading() as connection:
        statement = sa.select(ledger.c.action, ledger_body.c.body).join(
            ledger_body, ledger_body.c.ledger_id == ledger.c.id
        )
        bodies = [
            (Action(row.action), orjson.loads(row.body)) for row in connection.execute(statement)
        ]
    found = set()
    for action, body in bodies:
        label = ACTION_LABELS[action]
        names = {name for name in body if not name.startswith(("item:", "file:"))}
        if label.read_body is None:
            found |= {
                f"{action.value}: {name}" for name in names - {*label.items, *label.not_shown}
            }
    return found


def test_a_rehearsed_trial_verifies_and_has_every_kind_of_person(
    database: Database, tmp_path: Path
) -> None:
    services, summary = _rehearsed(database, tmp_path, GIST)

    with database.reading() as connection:
        report = verify_study(connection, services.concealment, GIST.study)
        # Whoever was screened twice by mistake, or again, is no further person.
        first = participant.c.earlier_episode.is_(None), participant.c.status != Status.IN_ERROR
        statuses = Counter(
            connection.execute(sa.select(participant.c.status).where(*first)).scalars()
        )
        allocated = connection.execute(sa.select(sa.func.count()).select_from(allocation)).scalar()
    assert report.findings == []
    assert unworded(database) == set()
    assert report.unsealed == 0
    assert sum(statuses.values()) == summary.participants
    assert 0 < (allocated or 0) <= statuses["enrolled"]


def test_a_rehearsed_dose_finding_part_has_every_act_and_verifies(
    database: Database, tmp_path: Path
) -> None:
    services, _ = _rehearsed(database, tmp_path, DOSE)

    with database.reading() as connection:
        report = verify_study(connection, services.concealment, DOSE.study)
        acts = connection.execute(sa.select(ledger.c.action).where(ledger.c.study == DOSE.study))
        done = Counter(acts.scalars())
    assert report.findings == []
    assert unworded(database) == set()
    for action in (Action.DOSE_REGISTER, Action.DOSE_RECORD_OUTCOME, Action.DOSE_DECIDE):
        assert done[action] >= 2


@pytest.fixture
def twin(migrated_file: Path, tmp_path: Path) -> Iterator[Database]:
    """An SQLite database beside the PostgreSQL one."""
    file = tmp_path / "twin.sqlite"
    file.write_bytes(migrated_file.read_bytes())
    database = Database(f"sqlite:///{file}")
    yield database
    database.engine.dispose()


def _bundle(services: Services, out: Path, study: str, as_of: str) -> dict[str, bytes]:
    """All files of a bundle with everything that may be in one, by their place in it."""
    keys = ExportKeys(services.database, services.concealment, services.config.checkpoint_key)
    asked = ExportRequest(study, formats="csv,parquet", as_of=as_of, identifying="To compare them")
    export_to(keys, make_actor(Role.DATA_MANAGER, study=study), asked, out)
    files = (path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "plan, instants",
    [
        (GIST, ("2025-03-31", "2025-11-02")),
        (ESIGN, ("2025-05-01", "2025-08-31")),
        (LEGS, ("2024-12-31", "2025-11-02")),
        (DOSE, ("2024-12-31", "2025-11-02")),
    ],
    ids=["gist", "esign", "legs", "dose"],
)
def test_the_same_seed_gives_the_same_ledger_and_datasets_on_both_databases(
    database: Database,
    twin: Database,
    tmp_path: Path,
    plan: RehearsalPlan,
    instants: tuple[str, ...],
) -> None:
    one, _ = _rehearsed(database, tmp_path / "one", plan)
    two, _ = _rehearsed(twin, tmp_path / "two", plan)

    rows = _rows(database, plan.study)
    assert len(rows) > 100
    assert rows == _rows(twin, plan.study)
    for as_of in instants:
        first = _bundle(one, tmp_path / f"first-{as_of}", plan.study, as_of)
        second = _bundle(two, tmp_path / f"second-{as_of}", plan.study, as_of)
        assert first == second
        assert first == _bundle(one, tmp_path / f"again-{as_of}", plan.study, as_of)
        assert any(name.startswith("files/") for name in first) == (plan is ESIGN)


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "people, seed, wanted",
    [(30, 6, PUT_RIGHT[:-1]), pytest.param(45, 5, PUT_RIGHT, marks=pytest.mark.long)],
    ids=["30 people", "45 people"],
)
def test_things_are_put_right_in_a_rehearsal_alike_on_both_databases(
    database: Database,
    twin: Database,
    tmp_path: Path,
    *,
    people: int,
    seed: int,
    wanted: tuple[Action, ...],
) -> None:
    plan = RehearsalPlan("gist-imatinib", people, seed, date(2024, 1, 8), date(2025, 11, 3))
    services, _ = _rehearsed(database, tmp_path / "one", plan)
    _rehearsed(twin, tmp_path / "two", plan)

    with database.reading() as connection:
        acts = set(connection.execute(sa.select(ledger.c.action)).scalars())
        misplaced = ledger_body.c.body.contains("moved_from")
        moved = connection.execute(sa.select(ledger_body.c.ledger_id).where(misplaced)).all()
        report = verify_study(connection, services.concealment, GIST.study)
    assert {one.value for one in wanted} - acts == set()
    assert len(moved) > 0
    assert report.findings == []
    assert _rows(database, GIST.study) == _rows(twin, GIST.study)


def test_a_rehearsed_observational_study_verifies_and_every_cohort_has_scores(
    database: Database, tmp_path: Path
) -> None:
    services, summary = _rehearsed(database, tmp_path, LEGS)

    with database.reading() as connection:
        report = verify_study(connection, services.concealment, LEGS.study)
        statuses = Counter(connection.execute(sa.select(participant.c.status)).scalars())
        recorded = sa.select(participant_event).where(participant_event.c.kind == "cohort")
        cohorts = {row.participant: row.value for row in connection.execute(recorded)}
        tess = {
            row.participant
            for row in connection.execute(sa.select(entry).where(entry.c.instrument == "tess"))
            if "tess_score" in row.doc
        }
        drawn = connection.execute(sa.select(sa.func.count()).select_from(allocation)).scalar()
    assert report.findings == []
    assert unworded(database) == set()
    assert sum(statuses.values()) - statuses["in_error"] == summary.participants
    assert set(cohorts.values()) == {"transfer", "no_transfer", "control"}
    assert {cohorts[person] for person in tess & cohorts.keys()} == set(cohorts.values())
    assert drawn == 0


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_cohorts_are_recorded_through_the_service_alike_on_both_databases(
    database: Database, twin: Database, tmp_path: Path
) -> None:
    one, _ = _rehearsed(database, tmp_path / "one", MUSCLE)
    two, _ = _rehearsed(twin, tmp_path / "two", MUSCLE)

    with database.reading() as connection:
        report = verify_study(connection, one.concealment, MUSCLE.study)
        wanted = sa.select(participant_event.c.value).where(participant_event.c.kind == "cohort")
        cohorts = set(connection.execute(wanted).scalars())
        made = set(
            connection.execute(
                sa.select(visit.c.slug).where(visit.c.status == "complete")
            ).scalars()
        )
    assert report.findings == []
    assert cohorts == {"transfer", "no_transfer", "control"}
    assert "assessment" in made
    assert _rows(database, MUSCLE.study) == _rows(twin, MUSCLE.study)
    bundles = [
        _bundle(s, tmp_path / n, MUSCLE.study, "2025-08-31") for s, n in ((one, "a"), (two, "b"))
    ]
    assert bundles[0] == bundles[1]


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_investigator_signs_where_the_study_asks_for_it(
    database: Database, tmp_path: Path
) -> None:
    services, _ = _rehearsed(database, tmp_path, ESIGN)

    with database.reading() as connection:
        styles = set(connection.execute(sa.select(confirmation.c.style)).scalars())
        report = verify_study(connection, services.concealment, ESIGN.study)
    assert styles == {"esign"}
    assert report.findings == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "plan, words",
    [
        (RehearsalPlan("gist-imatinib", -1, 1), "number from 0"),
        (
            RehearsalPlan("gist-imatinib", 1, 1, date(2025, 5, 1), date(2025, 4, 1)),
            "not before the end",
        ),
        (RehearsalPlan("gist-imatinib", 1, 1, end=date(2999, 1, 1)), "future"),
    ],
)
def test_an_impossible_plan_is_refused(
    database: Database, tmp_path: Path, plan: RehearsalPlan, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        rehearse(_services(database, tmp_path), plan)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_an_unknown_study_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="neither published nor bundled"):
        rehearse(_services(database, tmp_path), RehearsalPlan("nothing", 1, 1))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_study_without_sites_is_refused_before_anything_is_made(
    database: Database, tmp_path: Path
) -> None:
    services = _services(database, tmp_path)
    files = read_folder(BUNDLED_STUDIES / "gist-imatinib")
    published = clock.running_at(datetime(2024, 1, 8, tzinfo=UTC))
    with published, transaction(database, SYSTEM_ACTOR, services.concealment) as tx:
        studies.publish(tx, studies.check_definition(files))

    with pytest.raises(Refused, match="gist-imatinib has no site"):
        rehearse(services, RehearsalPlan("gist-imatinib", 3, 1))

    with database.reading() as connection:
        assert connection.execute(sa.select(account)).all() == []


def publish_twice(services: Services, *, is_live: bool) -> None:
    """Two versions of the GIST study, of which the first may be live; the other is in test."""
    files = read_folder(BUNDLED_STUDIES / "gist-imatinib")
    newer = files["study.yaml"].replace(b'version: "1.0"\n', b'version: "2.0"\n')
    manager = make_actor(Role.TRIAL_MANAGER)
    with clock.running_at(datetime(2024, 1, 8, tzinfo=UTC)):
        with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
            studies.publish(tx, files, add_sites=True)
        if is_live:
            with transaction(services.database, manager, services.concealment) as tx:
                studies.approve(tx, "gist-imatinib", 1)
        with transaction(services.database, manager, services.concealment) as tx:
            studies.publish(tx, {**files, "study.yaml": newer})


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_live_study_is_not_rehearsed_though_a_newer_version_is_in_test(
    database: Database, tmp_path: Path
) -> None:
    services = _services(database, tmp_path)
    publish_twice(services, is_live=True)

    with pytest.raises(Refused, match="gist-imatinib is live"):
        rehearse(services, RehearsalPlan("gist-imatinib", 3, 1))

    with database.reading() as connection:
        assert connection.execute(sa.select(account)).all() == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_of_several_versions_in_test_the_one_in_force_is_rehearsed(
    database: Database, tmp_path: Path
) -> None:
    services = _services(database, tmp_path)
    publish_twice(services, is_live=False)

    setup = prepare(services, "gist-imatinib", None, date(2024, 1, 9))

    assert (setup.version, setup.study.version) == (2, "2.0")


def test_two_studies_are_not_rehearsed_with_the_same_seed_and_day(
    database: Database, tmp_path: Path
) -> None:
    services = _services(database, tmp_path)
    start, end = date(2024, 1, 8), date(2024, 1, 9)
    rehearse(services, RehearsalPlan("gist-imatinib", 0, 1, start, end))

    with pytest.raises(Refused, match="Give another --seed"):
        rehearse(services, RehearsalPlan("functional-muscle-transfer", 0, 1, start, end))

    rehearse(services, RehearsalPlan("functional-muscle-transfer", 0, 2, start, end))


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_rehearsal_goes_on_after_the_last_row_and_not_before(
    database: Database, tmp_path: Path
) -> None:
    services, _ = _rehearsed(
        database, tmp_path, RehearsalPlan("gist-imatinib", 3, 1, end=date(2024, 6, 1))
    )

    with pytest.raises(InvalidInput, match="last row"):
        rehearse(services, RehearsalPlan("gist-imatinib", 1, 2, date(2020, 6, 1)))

    rehearse(services, RehearsalPlan("gist-imatinib", 3, 2))
    with database.reading() as connection:
        assert verify_study(connection, services.concealment, "gist-imatinib").findings == []
