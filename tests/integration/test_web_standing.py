"""Who may act is decided inside the write: what was granted when the request began may be over."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask, request

from capture.access import SYSTEM_ACTOR, Action, Actor, Role
from capture.accounts import reads, service, sessions
from capture.entry.tables import draft
from capture.ledger.service import transaction
from capture.ledger.tables import ledger
from capture.participants.records import Participant
from capture.web.request_context import Services
from tests.support.builders import Visitor, make_user
from tests.support.page_reading import PageRead
from tests.support.trial import GIST, Trial, make_trial

EMAIL = "nurse@site.example"
OUTCOMES = (Action.ACCESS_DENY, Action.ROLE_REMOVE, Action.ACCOUNT_CLOSE)
NEW_SITE = {
    "add-slug": "newsite",
    "add-name": "New Site",
    "add-zone": "Europe/London",
    "add-attribute_country": "gb",
}
Between = Callable[[Services, Actor], None]


def role_ends(services: Services, user: Actor) -> None:
    with services.database.reading() as connection:
        held = reads.list_memberships(connection, user.id)
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        for one in held:
            service.end_membership(tx, one.study, one.id, "left the team")


def account_closes(services: Services, user: Actor) -> None:
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        service.disable_user(tx, user.id, "left the trust")


def session_is_revoked(services: Services, user: Actor) -> None:
    with services.database.writing() as connection:
        sessions.revoke_all(connection, user.id)


BETWEEN = {role_ends: {403, 404}, account_closes: {401}, session_is_revoked: {401}}


@pytest.fixture
def app(own_app: Flask) -> Flask:
    return own_app


@pytest.fixture
def trial(services: Services) -> Trial:
    return make_trial(services.database, services.concealment)


def signed_in(app: Flask, services: Services, role: Role, between: Between) -> Visitor:
    """Somebody of this role to whom this happens during the next POST that holds `between`."""
    user = make_user(services, email=EMAIL, role=role)

    def happens() -> None:
        if request.method == "POST" and "between" in request.args:
            between(services, user)

    app.before_request(happens)  # after the gates that looked up who this is
    visitor = Visitor(app)
    assert visitor.sign_in(EMAIL).status_code == 303
    return visitor


def acts(services: Services) -> list[str]:
    """What is on record apart from the revocation itself and from refusals."""
    wanted = sa.select(ledger.c.action).where(ledger.c.action.not_in(OUTCOMES))
    with services.database.reading() as connection:
        return sorted(connection.execute(wanted).scalars())


def drafts(services: Services) -> list[object]:
    with services.database.reading() as connection:
        return list(connection.execute(sa.select(draft)))


def vitals_of(visitor: Visitor, person: Participant) -> str:
    """The address of a first form of vital signs."""
    page = f"/studies/{GIST}/participants/{person.id}"
    links = PageRead(visitor.get(page).text, page).links
    return min(link for link in links if link.endswith("/vitals"))


@pytest.mark.parametrize("between", BETWEEN, ids=lambda one: one.__name__)
def test_act_of_somebody_whose_right_ended_meanwhile_changes_nothing(
    app: Flask, services: Services, trial: Trial, between: Between
) -> None:
    visitor = signed_in(app, services, Role.TRIAL_MANAGER, between)
    before = acts(services)

    answer = visitor.post(f"/studies/{GIST}/sites?between=1", NEW_SITE)

    assert answer.status_code in BETWEEN[between], answer.text
    assert acts(services) == before


def test_the_same_act_is_done_where_nothing_happens_meanwhile(
    app: Flask, services: Services, trial: Trial
) -> None:
    visitor = signed_in(app, services, Role.TRIAL_MANAGER, lambda _services, _user: None)

    answer = visitor.post(f"/studies/{GIST}/sites?between=1", NEW_SITE)

    assert answer.status_code == 303, answer.text
    assert Action.SITE_ADD in acts(services)


@pytest.mark.parametrize("between", BETWEEN, ids=lambda one: one.__name__)
def test_no_draft_is_kept_for_somebody_whose_right_ended_meanwhile(
    app: Flask, services: Services, trial: Trial, between: Between
) -> None:
    person = trial.enrolled()
    visitor = signed_in(app, services, Role.NURSE, between)
    place = vitals_of(visitor, person)

    answer = visitor.client.post(
        f"{place}/draft?between=1",
        json={"version": 0, "typed": {"height_cm": ["171"]}},
        headers={"X-CSRFToken": visitor.csrf_token()},
    )

    assert answer.status_code in BETWEEN[between], answer.text
    assert drafts(services) == []


def test_what_was_typed_comes_back_after_a_session_ended_meanwhile(
    app: Flask, services: Services, trial: Trial
) -> None:
    person = trial.enrolled()
    visitor = signed_in(app, services, Role.NURSE, session_is_revoked)
    place = f"{vitals_of(visitor, person)}?between=1"

    answer = visitor.post(place, {"height_cm": "171", "version": "0"})

    assert answer.status_code == 401
    assert "Sign in" in answer.text
    assert visitor.sign_in(EMAIL).status_code == 303
    assert 'value="171"' in visitor.get(place).text
