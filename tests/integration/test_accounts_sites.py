"""Whoever leads some of a study's sites gives, ends and sees roles at those alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from capture import clock
from capture.access import SYSTEM_ACTOR, WHOLE_STUDY, Action, Actor, Grant, Role
from capture.accounts import reads, service
from capture.accounts.service import NewMembership
from capture.ledger.service import transaction
from capture.problems import InvalidInput, NotAllowed, NotFound, Refused
from capture.study import service as study_service
from capture.web.request_context import Services
from tests.support.builders import Visitor, make_actor, make_membership, make_user
from tests.support.trial import GIST, gist, make_trial

SignIn = Callable[..., Visitor]
TODAY = "2026-03-02"
MINE, ELSEWHERE = "northfield", "harbourside"
PLACE = f"/studies/{GIST}/people"


@pytest.fixture(autouse=True)
def _fixed_day() -> object:
    with clock.running_at(datetime(2026, 3, 2, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def manager(services: Services) -> Actor:
    """The trial manager of one site."""
    make_trial(services.database, services.concealment)
    return make_user(
        services,
        email="manager@site.example",
        name="Mara Manager",
        role=Role.TRIAL_MANAGER,
        sites=(MINE,),
    )


def person(services: Services, letter: str = "n") -> Actor:
    return make_user(services, email=f"{letter}@site.example", name=f"Person {letter}", role=None)


def give(
    services: Services, user: Actor, role: Role, *sites: str, by: Actor = SYSTEM_ACTOR, **more: str
) -> str:
    fields = {"from_date": TODAY, **more}
    new = NewMembership(user=user.id, role=role, sites=sites or None, **fields)  # type: ignore[arg-type]
    return make_membership(services, new=new, by=by)


def end(services: Services, membership: str, by: Actor) -> None:
    with transaction(services.database, by, services.concealment) as tx:
        service.end_membership(tx, GIST, membership, "left the team")


def test_gives_and_ends_a_role_at_the_own_site(services: Services, manager: Actor) -> None:
    nell = person(services)

    given = give(services, nell, Role.NURSE, MINE, by=manager)

    assert make_actor(services, user=nell.id).grants[0].sites == {MINE}
    end(services, given, manager)
    assert make_actor(services, user=nell.id).grants == ()


@pytest.mark.parametrize("sites", [(), (ELSEWHERE,), (MINE, ELSEWHERE)])
def test_role_at_other_sites_or_at_all_is_refused_in_words(
    services: Services, manager: Actor, sites: tuple[str, ...]
) -> None:
    nell = person(services)

    with pytest.raises(InvalidInput, match=r"limited to some sites.*Northfield") as refused:
        give(services, nell, Role.NURSE, *sites, by=manager)

    assert refused.value.field == "sites"
    assert make_actor(services, user=nell.id).grants == ()


@pytest.mark.parametrize("sites", [(), (ELSEWHERE,), (MINE, ELSEWHERE)])
def test_membership_that_reaches_further_is_neither_ended_nor_seen(
    services: Services, manager: Actor, sign_in: SignIn, sites: tuple[str, ...]
) -> None:
    given = give(services, person(services), Role.NURSE, *sites)
    give(services, person(services, "m"), Role.NURSE, MINE)

    with pytest.raises(NotFound):
        end(services, given, manager)
    visitor = sign_in("manager@site.example")
    page = visitor.get(PLACE).text
    assert "Person m" in page
    assert "Person n" not in page
    assert visitor.get(f"{PLACE}/{given}/end").status_code == 404
    assert visitor.post(f"{PLACE}/{given}/end", {"reason": "left"}).status_code == 404


def test_people_page_offers_the_own_sites_alone_and_says_so(
    services: Services, manager: Actor, sign_in: SignIn
) -> None:
    person(services)
    visitor = sign_in("manager@site.example")

    page = visitor.get(PLACE).text
    assert f'value="{MINE}"' in page
    assert f'value="{ELSEWHERE}"' not in page
    assert "tick at least one" in page
    form = {"email": "n@site.example", "role": "nurse", "from_date-day": TODAY}
    refused = visitor.post(PLACE, form)
    assert (refused.status_code, "limited to some sites" in refused.text) == (422, True)


def test_manager_of_the_study_and_administrator_reach_every_site(
    services: Services, manager: Actor
) -> None:
    whole = make_user(services, email="whole@site.example", name="Wes", role=Role.TRIAL_MANAGER)
    admin = make_user(services, email="a@site.example", name="Ada", role=Role.ADMINISTRATOR)
    given = give(services, person(services), Role.NURSE, by=whole)
    end(services, given, whole)

    with services.database.reading() as connection:
        own = reads.list_memberships(connection, manager.id)[0]
    end(services, own.id, admin)
    assert make_actor(services, user=manager.id).grants == ()


@pytest.mark.parametrize("action", sorted(WHOLE_STUDY))
def test_what_concerns_every_site_needs_a_role_at_all_of_them(action: Action) -> None:
    wide, narrow = (_everything(sites) for sites in (None, frozenset({MINE})))

    assert wide.role_for(action, GIST) is not None
    assert narrow.role_for(action, GIST) is None
    assert narrow.role_for(action, GIST, MINE) is None


def _everything(sites: frozenset[str] | None) -> Actor:
    return Actor("u", "U", grants=tuple(Grant(GIST, role, sites) for role in Role))


def test_manager_of_one_site_neither_publishes_nor_adds_a_site_nor_opens_another(
    services: Services, manager: Actor, sign_in: SignIn
) -> None:
    acts: tuple[Callable[..., object], ...] = (
        lambda tx: study_service.publish(tx, gist()),
        lambda tx: study_service.approve(tx, GIST, 1),
        lambda tx: study_service.add_site(
            tx, GIST, study_service.NewSite("new", "New", "UTC", attributes={"country": "gb"})
        ),
        lambda tx: study_service.close_site(tx, GIST, ELSEWHERE, clock.today("UTC"), "over"),
    )
    for act in acts:
        with (
            pytest.raises(NotAllowed),
            transaction(services.database, manager, services.concealment) as tx,
        ):
            act(tx)
    assert "Add site" not in sign_in("manager@site.example").get(f"/studies/{GIST}/sites").text


@pytest.mark.parametrize("by_whom", ["site", "system"])
def test_conflicting_roles_are_refused_at_disjoint_sites_too(
    services: Services, manager: Actor, by_whom: str
) -> None:
    nell, by = person(services), manager if by_whom == "site" else SYSTEM_ACTOR
    give(services, nell, Role.UNBLINDED, ELSEWHERE)

    with pytest.raises(Refused, match="does not go together with nurse") as refused:
        give(services, nell, Role.NURSE, MINE, by=by)

    assert ("unblinded" in str(refused.value)) is (by_whom == "system")


def test_the_same_role_is_held_twice_only_at_different_sites(
    services: Services, manager: Actor
) -> None:
    nell = person(services)
    give(services, nell, Role.NURSE, ELSEWHERE)
    give(services, nell, Role.NURSE, MINE, by=manager)

    for sites in ((), (MINE,), (MINE, ELSEWHERE)):
        with pytest.raises(Refused, match="has this role there already"):
            give(services, nell, Role.NURSE, *sites)


def test_nobody_is_given_a_role_for_days_gone_by(services: Services, manager: Actor) -> None:
    with pytest.raises(InvalidInput, match="2 March 2026") as refused:
        give(services, person(services), Role.NURSE, MINE, by=manager, from_date="2026-03-01")

    assert refused.value.field == "from_date"


def test_role_that_is_ended_before_it_began_keeps_its_dates(
    services: Services, manager: Actor, sign_in: SignIn
) -> None:
    nell = person(services)
    given = give(services, nell, Role.NURSE, MINE, by=manager, from_date="2026-04-01")

    end(services, given, manager)

    with services.database.reading() as connection:
        kept = reads.get_membership(connection, SYSTEM_ACTOR, GIST, given)
    assert (kept.from_date, kept.to_date) == ("2026-04-01", None)
    with clock.running_at(datetime(2026, 4, 2, 9, tzinfo=UTC)):
        assert make_actor(services, user=nell.id).grants == ()
    assert "ended before it began" in sign_in("manager@site.example").get(PLACE).text
