"""Who has which role: granted with dates, ended but never deleted, and never to oneself."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from markupsafe import escape

from capture import clock
from capture.access import CONFLICTING, MAY, SYSTEM, SYSTEM_ACTOR, Actor, Role
from capture.accounts import demonstration, passwords, reads, service
from capture.accounts.service import NewMembership
from capture.accounts.tables import membership
from capture.cli import main
from capture.ledger.action_labels import list_rights
from capture.ledger.service import transaction
from capture.ledger.verify import verify_study
from capture.problems import InvalidInput, NotAllowed, Problem, Refused
from capture.web.request_context import Services
from tests.support.builders import STUDY, Visitor, make_actor, make_membership, make_user

SignIn = Callable[..., Visitor]
TODAY = "2026-03-02"


@pytest.fixture(autouse=True)
def _fixed_day() -> object:
    with clock.running_at(datetime(2026, 3, 2, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def manager(services: Services) -> Actor:
    return make_user(
        services, email="manager@site.example", name="Mara Manager", role=Role.TRIAL_MANAGER
    )


@pytest.fixture
def admin(services: Services) -> Actor:
    return make_user(
        services, email="admin@site.example", name="Ada Admin", role=Role.ADMINISTRATOR
    )


@pytest.fixture
def person(services: Services) -> Actor:
    """Somebody with an account and no role yet."""
    return make_user(services, email="new@site.example", name="Nell New", role=None)


def new(user: Actor, role: Role, **more: object) -> NewMembership:
    fields = {"sites": None, "from_date": TODAY, **more}
    return NewMembership(user=user.id, role=role, **fields)  # type: ignore[arg-type]


def roles_of(services: Services, user: Actor) -> set[Role]:
    return {grant.role for grant in make_actor(services, user=user.id).grants}


def end(services: Services, membership_id: str, by: Actor, study: str = STUDY) -> None:
    with transaction(services.database, by, services.concealment) as tx:
        service.end_membership(tx, study, membership_id, "left the team")


def test_trial_manager_gives_a_role_from_a_day_to_a_day(
    services: Services, manager: Actor, person: Actor
) -> None:
    granted = new(person, Role.NURSE, from_date="2026-03-05", to_date="2026-03-10")
    make_membership(services, new=granted, by=manager)

    for day, has_role in ((4, False), (5, True), (10, True), (11, False)):
        with clock.running_at(datetime(2026, 3, day, 12, tzinfo=UTC)):
            assert (roles_of(services, person) == {Role.NURSE}) is has_role, day


def test_ended_role_is_over_at_once_and_stays_on_record(
    services: Services, manager: Actor, person: Actor
) -> None:
    granted = make_membership(services, new=new(person, Role.NURSE), by=manager)

    end(services, granted, manager)

    assert roles_of(services, person) == set()
    with services.database.reading() as connection:
        kept = reads.get_membership(connection, SYSTEM_ACTOR, STUDY, granted)
        assert (kept.from_date, kept.to_date, kept.ended_at) == (TODAY, TODAY, clock.instant())
        assert verify_study(connection, services.concealment, STUDY).findings == []


def test_role_ends_only_once(services: Services, manager: Actor, person: Actor) -> None:
    granted = make_membership(services, new=new(person, Role.NURSE), by=manager)
    end(services, granted, manager)

    with pytest.raises(Refused, match="ended already"):
        end(services, granted, manager)


@pytest.mark.parametrize("role", [Role.NURSE, Role.DATA_MANAGER, Role.MONITOR, Role.UNBLINDED])
def test_other_roles_grant_nothing(services: Services, person: Actor, role: Role) -> None:
    somebody = make_user(services, role=role)

    for wanted in Role:
        with pytest.raises(NotAllowed):
            make_membership(services, new=new(person, wanted), by=somebody)


def test_trial_manager_makes_no_administrator_and_reaches_no_other_study(
    services: Services, manager: Actor, person: Actor
) -> None:
    with pytest.raises(NotAllowed):
        make_membership(services, new=new(person, Role.ADMINISTRATOR), study=SYSTEM, by=manager)
    with pytest.raises(NotAllowed):
        make_membership(services, new=new(person, Role.NURSE), study="another", by=manager)


def test_administrator_makes_managers_and_administrators_alone(
    services: Services, admin: Actor, person: Actor
) -> None:
    for role in set(Role) - {Role.ADMINISTRATOR, Role.TRIAL_MANAGER}:
        with pytest.raises(NotAllowed):
            make_membership(services, new=new(person, role), by=admin)
    make_membership(services, new=new(person, Role.TRIAL_MANAGER), by=admin)

    assert roles_of(services, person) == {Role.TRIAL_MANAGER}


def test_nobody_changes_their_own_roles(services: Services, manager: Actor) -> None:
    with pytest.raises(Refused, match="Nobody grants themselves"):
        make_membership(services, new=new(manager, Role.NURSE), by=manager)
    with services.database.reading() as connection:
        own = reads.list_memberships(connection, manager.id)[0]
    with pytest.raises(Refused, match="their own roles"):
        end(services, own.id, manager)


def test_conflicting_roles_are_refused(services: Services) -> None:
    pairs = [*CONFLICTING, *(pair[::-1] for pair in CONFLICTING)]

    said = {(held, wanted): _said_to(services, held, wanted) for held, wanted in pairs}

    assert {pair: words for pair, words in said.items() if "go together" not in words} == {}


def _said_to(services: Services, held: Role, wanted: Role) -> str:
    """What somebody of her own who holds one role is told when given the other."""
    place = {role: SYSTEM if role is Role.ADMINISTRATOR else STUDY for role in Role}
    user = make_user(services, email=f"{held}-and-{wanted}@site.example", role=None)
    make_membership(services, new=new(user, held), study=place[held])
    try:
        make_membership(services, new=new(user, wanted), study=place[wanted])
    except Refused as refusal:
        return str(refusal)
    return "given"


def test_who_has_known_the_list_is_never_blinded_again(services: Services, person: Actor) -> None:
    granted = make_membership(services, new=new(person, Role.UNBLINDED))
    end(services, granted, SYSTEM_ACTOR)

    with pytest.raises(Refused, match="is or was unblinded statistician"):
        make_membership(services, new=new(person, Role.STATISTICIAN))


def test_conflicting_roles_may_follow_each_other_where_nothing_is_known(
    services: Services, person: Actor
) -> None:
    past = new(person, Role.NURSE, from_date="2025-01-01", to_date="2025-12-31")
    make_membership(services, new=past)
    make_membership(services, new=new(person, Role.UNBLINDED))

    assert roles_of(services, person) == {Role.UNBLINDED}


@pytest.mark.parametrize(
    "more",
    [
        {"from_date": "2026-02-30"},
        {"from_date": "tomorrow"},
        {"from_date": "20260302"},
        {"to_date": "2026-03-01"},
        {"sites": ()},
        {"sites": ("nowhere",)},
    ],
)
def test_wrong_dates_and_sites_are_named(
    services: Services, person: Actor, more: dict[str, object]
) -> None:
    with pytest.raises(InvalidInput):
        make_membership(services, new=new(person, Role.NURSE, **more))


@pytest.mark.parametrize(
    "email", ["", "no-at-sign", "two@@x.y z", "a@b", "new@site.example", "x" * 260]
)
def test_account_needs_an_email_address_of_its_own(
    services: Services, person: Actor, admin: Actor, email: str
) -> None:
    with (
        pytest.raises(InvalidInput),
        transaction(services.database, admin, services.concealment) as tx,
    ):
        service.create_user(tx, email, "Somebody", "hash")


def test_closed_accounts_email_is_never_used_again(
    services: Services, person: Actor, admin: Actor
) -> None:
    with transaction(services.database, admin, services.concealment) as tx:
        service.disable_user(tx, person.id, "left")
    with (
        pytest.raises(InvalidInput),
        transaction(services.database, admin, services.concealment) as tx,
    ):
        service.create_user(tx, "NEW@site.example", "Somebody Else", "hash")


def test_administrator_does_not_close_the_own_account(services: Services, admin: Actor) -> None:
    with (
        pytest.raises(Refused),
        transaction(services.database, admin, services.concealment) as tx,
    ):
        service.disable_user(tx, admin.id, "by mistake")


def test_trial_manager_opens_and_closes_no_account(
    services: Services, manager: Actor, person: Actor
) -> None:
    acts: Sequence[Callable[..., object]] = (
        lambda tx: service.create_user(tx, "x@site.example", "X", "hash"),
        lambda tx: service.disable_user(tx, person.id, "why"),
        lambda tx: service.reset_password(tx, person.id, "hash"),
    )
    for act in acts:
        with (
            pytest.raises(NotAllowed),
            transaction(services.database, manager, services.concealment) as tx,
        ):
            act(tx)


def test_people_page_gives_and_ends_a_role(
    services: Services, manager: Actor, person: Actor, sign_in: SignIn
) -> None:
    visitor = sign_in("manager@site.example")
    place = f"/studies/{STUDY}/people"
    form = {"email": "new@site.example", "role": "nurse", "from_date-day": TODAY}

    assert visitor.post(place, form).status_code == 303
    page = visitor.get(place).text
    assert "Nell New is now nurse in this study." in page
    assert roles_of(services, person) == {Role.NURSE}

    address = re.search(r'href="([^"]+/end)"', page)
    assert address is not None
    assert "Nell New is nurse" in visitor.get(address[1]).text
    assert visitor.post(address[1], {"reason": ""}).status_code == 422
    assert visitor.post(address[1], {"reason": "left"}).status_code == 303
    assert roles_of(services, person) == set()


@pytest.mark.parametrize(
    "typed, words",
    [
        ({"email": "nobody@site.example"}, "no account with this e-mail"),
        ({"email": "manager@site.example"}, "Nobody grants themselves"),
        ({"role": "administrator"}, "There is a problem"),
        ({"role": "emperor"}, "There is a problem"),
        ({"from_date-day": "2026-02-30"}, "has 28 days"),
        ({"from_date-day": "3/3/26"}, "There is a problem"),
        ({"from_date-day": ""}, "Enter the start date"),
        ({"to_date-day": "01/03/2026"}, "The last day is before the first"),
        ({"sites": "nowhere"}, "There is a problem"),
    ],
)
def test_people_page_says_what_is_wrong_and_keeps_what_was_typed(
    services: Services,
    manager: Actor,
    person: Actor,
    sign_in: SignIn,
    *,
    typed: dict[str, str],
    words: str,
) -> None:
    form = {"email": "new@site.example", "role": "nurse", "from_date-day": TODAY, **typed}

    answer = sign_in("manager@site.example").post(f"/studies/{STUDY}/people", form)

    assert answer.status_code == 422
    assert words in answer.text
    assert f'value="{form["email"]}"' in answer.text
    assert roles_of(services, person) == set()


@pytest.mark.parametrize(
    "typed",
    [
        {"from_date-day": "15/03/2026"},
        {"from_date-day": "15 Mar 2026"},
        {"from_date-day": "2026-03-15"},
        {"from_date-day": "15", "from_date-month": "3", "from_date-year": "2026"},
    ],
)
def test_people_page_takes_dates_as_people_type_them(
    services: Services, manager: Actor, person: Actor, sign_in: SignIn, typed: dict[str, str]
) -> None:
    form = {"email": "new@site.example", "role": "nurse", "to_date-day": "1.4.2026", **typed}

    assert sign_in("manager@site.example").post(f"/studies/{STUDY}/people", form).status_code == 303

    with services.database.reading() as connection:
        (held,) = reads.list_memberships(connection, person.id)
    assert (held.from_date, held.to_date) == ("2026-03-15", "2026-04-01")


def test_extra_keys_in_a_form_change_nothing(
    services: Services, manager: Actor, person: Actor, sign_in: SignIn
) -> None:
    form = {
        "email": "new@site.example",
        "role": "nurse",
        "from_date-day": TODAY,
        "study": "another",
        "user": manager.id,
        "assigned_by": "nobody",
        "state": "active",
    }
    sign_in("manager@site.example").post(f"/studies/{STUDY}/people", form)

    with services.database.reading() as connection:
        row = connection.execute(sa.select(membership).where(membership.c.user == person.id)).one()
    assert (row.study, row.role, row.assigned_by) == (STUDY, "nurse", manager.id)


def test_administrator_opens_an_account_whose_first_password_is_shown_once(
    services: Services, admin: Actor, sign_in: SignIn
) -> None:
    visitor = sign_in("admin@site.example")

    answer = visitor.post("/people", {"name": "Fay First", "email": "Fay@site.example"})

    page = visitor.get(answer.location).text
    shown = re.search(r"shown this once: ([a-z2-9-]{23})", page)
    assert shown is not None
    assert shown[1] not in visitor.get(answer.location).text
    fay = sign_in("fay@site.example", shown[1])
    assert fay.get("/account").location == "/account/password"
    with services.database.engine.connect() as connection:
        stored = connection.execute(sa.text("SELECT answer FROM request")).all()
    assert shown[1] not in str(stored)


def test_administrator_closes_and_opens_an_account(
    services: Services, admin: Actor, person: Actor, sign_in: SignIn
) -> None:
    visitor, theirs = sign_in("admin@site.example"), sign_in("new@site.example")
    place = f"/people/{person.id}"

    assert visitor.post(f"{place}/close", {"reason": "left"}).status_code == 303
    assert theirs.get("/account").status_code == 401
    assert visitor.post(f"{place}/close", {"reason": "left"}).status_code == 422
    assert visitor.post(f"{place}/open", {"reason": "back"}).status_code == 303
    assert sign_in("new@site.example").get("/account").status_code == 200


def test_administrator_names_the_first_trial_manager_of_a_study(
    services: Services, admin: Actor, manager: Actor, person: Actor, sign_in: SignIn
) -> None:
    visitor = sign_in("admin@site.example")
    place = f"/people/{person.id}/role"

    assert visitor.post(place, {"role": "trial_manager", "study": "nowhere"}).status_code == 422
    assert visitor.post(place, {"role": "trial_manager", "study": STUDY}).status_code == 303
    assert roles_of(services, person) == {Role.TRIAL_MANAGER}


def test_new_first_password_ends_the_sessions(
    services: Services, admin: Actor, person: Actor, sign_in: SignIn
) -> None:
    visitor, theirs = sign_in("admin@site.example"), sign_in("new@site.example")

    assert visitor.post(f"/people/{person.id}/password").status_code == 303
    assert theirs.get("/account").status_code == 401
    assert Visitor(theirs.client.application).sign_in("new@site.example").status_code == 401


def test_unknown_ids_are_not_found(admin: Actor, manager: Actor, sign_in: SignIn) -> None:
    visitor = sign_in("admin@site.example")
    for path in ("", "/close", "/open", "/memberships/1/end"):
        assert visitor.get(f"/people/nobody{path}").status_code == 404
    assert visitor.post("/people/nobody/password").status_code == 404
    lead = sign_in("manager@site.example")
    assert lead.get(f"/studies/{STUDY}/people/1/end").status_code == 404


def test_roles_page_is_the_literal_table(
    person: Actor, services: Services, sign_in: SignIn
) -> None:
    page = sign_in("new@site.example").get("/roles").text

    assert all(escape(right) in page for _action, right in list_rights())
    assert page.count(">yes<") == sum(len(roles) for roles in MAY.values())


def test_demonstration_has_its_eight_accounts_and_adding_again_changes_nothing(
    services: Services, sign_in: SignIn
) -> None:
    for _ in range(2):
        with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
            demonstration.add_accounts(tx, passwords.hash_password(demonstration.PASSWORD))

    with services.database.reading() as connection:
        assert len(reads.list_accounts(connection)) == 8
    for account in demonstration.ACCOUNTS:
        visitor = sign_in(account.email, demonstration.PASSWORD)
        assert account.role.label in visitor.get("/account").text


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_command_line_opens_grants_lists_and_closes(services: Services, tmp_path: Path) -> None:
    config = services.config
    environment = {
        "SARCOMERE_DATA": str(tmp_path),
        "SARCOMERE_DATABASE_URL": config.database_url,
        "SARCOMERE_SECRET_KEY": config.secret_key,
        "SARCOMERE_CONCEALMENT_KEY": config.concealment_key.hex(),
        "SARCOMERE_CHECKPOINT_KEY": config.checkpoint_key.hex(),
    }

    def run(*words: str, code: int = 0) -> str:
        done = CliRunner().invoke(main, ["user", *words], env=environment)
        assert done.exit_code == code, done.output
        return done.output

    email = ("--email", "cli@site.example")
    assert re.search(r"[a-z2-9]{5}-", run("create", *email, "--name", "Cleo Line"))
    assert "already" in run("create", *email, "--name", "Cleo Line", code=1)
    run("grant", STUDY, *email, "--role", "nurse")
    assert "nurse in gist-imatinib" in run("list")
    run("disable", *email, "--reason", "left")
    assert "(closed)" in run("list")
    run("enable", *email, "--reason", "back")
    assert "no account" in run("disable", "--email", "x@y.z", "--reason", "x", code=1)


def test_every_problem_has_words_for_a_person() -> None:
    kinds = [Problem, *Problem.__subclasses__(), *Refused.__subclasses__()]

    assert all(kind.title and kind.status >= 400 for kind in kinds)
