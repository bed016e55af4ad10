"""Publishing: mistakes first, immutable versions, live by approval, nothing taken from live."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from capture.access import SYSTEM_ACTOR, Action, Role
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.ledger.fold import APPLY, changes_nothing
from capture.ledger.tables import ledger
from capture.problems import NotAllowed, NotFound, Refused
from capture.study import reads, service
from capture.study.tables import study_bundle
from tests.support.study_acts import MANAGER, Acts, make_actor
from tests.support.study_files import STUDY, make_study_files


@pytest.fixture
def acts(database: Database, concealment: Concealment) -> Acts:
    return Acts(database, concealment)


def in_force(acts: Acts) -> reads.StudyVersion:
    with acts.database.reading() as connection:
        return reads.get_version_in_force(connection, STUDY)


def test_published_version_is_in_test_with_the_hash_of_its_bytes(acts: Acts) -> None:
    acts.publish()

    version = in_force(acts)
    with acts.database.reading() as connection:
        content = reads.get_bundle_bytes(connection, version.sha256)
        definition = reads.get_definition_for(connection, STUDY)
    assert (version.number, version.state, version.label) == (1, "test", "1.0")
    assert version.sha256 == hashlib.sha256(content).hexdigest()
    assert b"leg_score" in content
    assert definition.title == "Leg function after surgery"
    assert acts.disagreements() == []


def test_all_mistakes_are_told_and_nothing_is_published(acts: Acts) -> None:
    with pytest.raises(service.DefinitionRefused) as refused:
        acts.publish(("type: integer", "type: integr"), ("method: permuted_blocks", "methd: x"))

    files = {mistake.file for mistake in refused.value.mistakes}
    assert files == {"study.yaml", "instruments/leg.yaml"}
    assert "instruments/leg.yaml:13: " in refused.value.message
    with acts.database.reading() as connection:
        assert reads.list_versions(connection, STUDY) == []
        assert connection.execute(sa.select(ledger.c.id)).all() == []


def test_wrong_made_up_site_is_told_before_anything_is_published(acts: Acts) -> None:
    with pytest.raises(service.DefinitionRefused, match="fjordby"):
        acts.publish(('attributes: {country: "no"}', "attributes: {country: se}"))


def test_same_bytes_again_are_refused_kindly(acts: Acts) -> None:
    acts.publish()
    acts.publish(("Leg demo", "Leg demo 2"))

    with pytest.raises(Refused, match="already version 1"):
        acts.publish()
    with pytest.raises(Refused, match="already version 2"):
        acts.publish(("Leg demo", "Leg demo 2"))


def test_later_test_version_replaces_the_earlier_one(acts: Acts) -> None:
    acts.publish()
    acts.publish(("label: Score", "label: Score of the leg"))

    with acts.database.reading() as connection:
        states = [(one.number, one.state) for one in reads.list_versions(connection, STUDY)]
        newest = reads.get_definition_for(connection, STUDY)
        oldest = reads.get_definition(connection, reads.get_version(connection, STUDY, 1))
    assert states == [(2, "test"), (1, "superseded")]
    assert newest.item("leg_score").label == "Score of the leg"
    assert oldest.item("leg_score").label == "Score"
    assert acts.disagreements() == []


def test_published_bytes_cannot_be_changed_or_removed(acts: Acts) -> None:
    acts.publish()

    for statement in (study_bundle.update().values(bytes=b"{}"), study_bundle.delete()):
        with pytest.raises(sa.exc.DBAPIError), acts.database.writing() as connection:
            connection.execute(statement)


def test_verify_names_a_version_whose_bytes_are_not_those_published(acts: Acts) -> None:
    number = acts.publish()
    with acts.acting() as tx:
        body = {
            "id": f"{STUDY}/2",
            "number": 2,
            "label": "2.0",
            "state": "test",
            "sha256": "00",
            "title": "T",
        }
        tx.about("study", study=STUDY).record(Action.STUDY_PUBLISH, body)
        tx.connection.execute(study_bundle.insert().values(sha256="00", bytes=b"other"))

    assert number == 1
    assert acts.disagreements() == [f"study version {STUDY} 2: its definition was changed"]


def test_study_goes_live_by_a_named_persons_approval(acts: Acts) -> None:
    acts.go_live()

    version = in_force(acts)
    assert (version.state, version.approved_by) == ("live", MANAGER.id)
    assert version.approved_at is not None
    assert acts.disagreements() == []


def test_system_may_publish_but_never_approve(acts: Acts) -> None:
    acts.publish(actor=SYSTEM_ACTOR)

    with pytest.raises(NotAllowed, match="named person"), acts.acting(SYSTEM_ACTOR) as tx:
        service.approve(tx, STUDY, 1)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.TRIAL_MANAGER])
def test_only_the_trial_manager_publishes_and_approves(acts: Acts, role: Role) -> None:
    acts.publish()
    other = make_actor(role=role)

    with pytest.raises(NotAllowed):
        acts.publish(("Leg demo", "Other"), actor=other)
    with pytest.raises(NotAllowed), acts.acting(other) as tx:
        service.approve(tx, STUDY, 1)


def test_trial_manager_of_another_study_may_not_publish(acts: Acts) -> None:
    with pytest.raises(NotAllowed):
        acts.publish(actor=make_actor(study="another"))


def test_files_of_another_study_are_refused(acts: Acts) -> None:
    with pytest.raises(Refused, match="'leg-demo'"), acts.acting() as tx:
        service.publish(tx, make_study_files(), study="another")


def test_superseded_live_and_unknown_versions_cannot_be_approved(acts: Acts) -> None:
    acts.publish()
    acts.publish(("Leg demo", "Leg demo 2"))
    with acts.acting() as tx:
        service.approve(tx, STUDY, 2)

    for number, words in ((1, "replaced by a later one"), (2, "live already")):
        with pytest.raises(Refused, match=words), acts.acting() as tx:
            service.approve(tx, STUDY, number)
    with pytest.raises(NotFound), acts.acting() as tx:
        service.approve(tx, STUDY, 3)


def test_live_version_stays_in_force_until_the_next_is_approved(acts: Acts) -> None:
    acts.go_live()
    acts.publish(('version: "1.0"\nzone', 'version: "1.1"\nzone'))

    assert in_force(acts).number == 1
    with acts.acting() as tx:
        service.approve(tx, STUDY, 2)
    assert in_force(acts).number == 2
    with acts.database.reading() as connection:
        assert reads.get_version(connection, STUDY, 1).state == "superseded"


def test_approved_label_is_not_given_to_other_files(acts: Acts) -> None:
    acts.go_live()

    with pytest.raises(Refused, match="approved under the label"):
        acts.publish(("label: Score", "label: The score"))


NEXT = ('version: "1.0"\nzone', 'version: "1.1"\nzone')


@pytest.mark.parametrize(
    "old, new, words",
    [
        (
            "name: leg_score, type: integer",
            "name: leg_points, type: integer",
            "item leg_score is gone",
        ),
        (
            "leg_score, type: integer",
            "leg_score, type: text",
            "leg_score was integer and would be text",
        ),
        ("          - {code: both, label: Both}\n", "", "item leg_side, choice both is gone"),
        ("slug: month_1", "slug: month_one", "visit month_1 is gone"),
        ("arm: NONE", "arm: NOTHING", "randomisation brace, arm NONE is gone"),
        (
            "{code: not_done, label: Not done}",
            "{code: nd, label: Not done}",
            "reason not_done is gone",
        ),
        ("factor: country,", "factor: land,", "factor country is gone"),
        (
            '      - {version: "2.0", approved: 2024-06-01}\n',
            "",
            "consent main, version 2.0 is gone",
        ),
    ],
)
def test_live_study_keeps_everything_data_rest_on(
    acts: Acts, old: str, new: str, words: str
) -> None:
    acts.go_live()

    with pytest.raises(service.ChangesRefused) as refused:
        acts.publish((old, new), NEXT)
    assert words in refused.value.message
    assert in_force(acts).number == 1


def test_every_change_that_takes_something_away_is_named(acts: Acts) -> None:
    acts.go_live()

    with pytest.raises(service.ChangesRefused) as refused:
        acts.publish(("arm: NONE", "arm: NOTHING"), ("slug: month_1", "slug: month_2"), NEXT)
    assert refused.value.changes == (
        "visit month_1 is gone (removed or renamed)",
        "visit month_1, instrument leg is gone (removed or renamed)",
        "randomisation brace, arm NONE is gone (removed or renamed)",
    )


def test_live_study_may_gain_and_reword(acts: Acts) -> None:
    acts.go_live()

    number = acts.publish(
        ("label: Both}", "label: Both legs}\n          - {code: nk, label: Not known}"), NEXT
    )
    assert number == 2


def test_study_in_test_may_change_freely(acts: Acts) -> None:
    acts.publish()

    assert acts.publish(("leg_score, type: integer", "leg_score, type: text")) == 2


@pytest.mark.parametrize(
    "action, subject",
    [
        (Action.PARTICIPANT_SCREEN, "participant/p1"),
        (Action.RANDOMISATION_ACTIVATE, "randomisation/brace"),
    ],
)
def test_test_participants_and_keys_never_become_real(
    acts: Acts, action: Action, subject: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What those acts change is their own features' business; only their place in the ledger counts.
    monkeypatch.setitem(APPLY, action, changes_nothing)
    acts.publish()
    with acts.acting() as tx:
        tx.about(subject, study=STUDY, role="nurse").record(action, {"id": "1"})

    with pytest.raises(Refused, match="never become real"), acts.acting() as tx:
        service.approve(tx, STUDY, 1)


def test_made_up_sites_come_only_when_asked_and_only_in_test(acts: Acts) -> None:
    acts.publish()
    with acts.database.reading() as connection:
        assert reads.list_all_sites(connection, STUDY) == []
    with acts.acting() as tx:
        service.publish(tx, make_study_files(("Leg demo", "Leg 2")), add_sites=True)
    with acts.database.reading() as connection:
        assert [one.slug for one in reads.list_all_sites(connection, STUDY)] == [
            "fjordby",
            "northfield",
        ]
    with acts.acting() as tx:
        service.approve(tx, STUDY, 2)
    with pytest.raises(Refused, match="made up"), acts.acting() as tx:
        service.publish(tx, make_study_files(NEXT), add_sites=True)


def test_unknown_study_is_not_found(acts: Acts) -> None:
    with acts.database.reading() as connection:
        for read in (
            reads.get_version_in_force,
            reads.get_version_number,
            reads.get_definition_for,
        ):
            with pytest.raises(NotFound, match="nowhere"):
                read(connection, "nowhere")


def test_person_sees_the_studies_of_her_roles(acts: Acts) -> None:
    acts.publish()
    with acts.database.reading() as connection:
        mine = reads.list_studies(connection, MANAGER)
        other = reads.list_studies(connection, make_actor(study="coming"))
        all_of_them = reads.list_studies(connection, SYSTEM_ACTOR)

    assert [(one.study, one.title) for one in mine] == [(STUDY, "Leg function after surgery")]
    assert [(one.study, one.version) for one in other] == [("coming", None)]
    assert [one.study for one in all_of_them] == [STUDY]


def test_definition_is_parsed_once_for_its_bytes(acts: Acts) -> None:
    acts.publish()
    with acts.database.reading() as connection:
        first = reads.get_definition_for(connection, STUDY)
    with acts.database.reading() as connection:
        assert reads.get_definition_for(connection, STUDY, "northfield") is first


def test_two_people_publishing_at_once_get_two_numbers(acts: Acts) -> None:
    changes = [("Leg demo", f"Leg demo {number}") for number in range(4)]

    with ThreadPoolExecutor(len(changes)) as pool:
        numbers = list(pool.map(acts.publish, changes))
    assert sorted(numbers) == [1, 2, 3, 4]
    assert acts.disagreements() == []
