"""Sites: added, opened when rules can read them, closed; delegates and consent versions by date."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from capture.access import SYSTEM_ACTOR, Role
from capture.accounts.reads import list_sites_of_study
from capture.db import Database
from capture.ledger.concealment import Concealment
from capture.problems import InvalidInput, NotAllowed, NotFound, Refused
from capture.study import reads, service
from capture.study.reads import Site
from tests.support.study_acts import MANAGER, Acts, make_actor
from tests.support.study_files import STUDY

MARCH = date(2024, 3, 1)
VALID: dict[str, Any] = {
    "slug": "southby",
    "name": "Southby Hospital",
    "zone": "Europe/London",
    "attributes": {"country": "gb"},
}


@pytest.fixture
def acts(database: Database, concealment: Concealment) -> Acts:
    acts = Acts(database, concealment)
    acts.with_sites()
    return acts


def add(acts: Acts, **changes: Any) -> Site:
    with acts.acting() as tx:
        return service.add_site(tx, STUDY, service.NewSite(**{**VALID, **changes}))


def site(acts: Acts, slug: str) -> Site:
    with acts.database.reading() as connection:
        return reads.get_site(connection, STUDY, slug)


def test_declared_sites_arrive_with_dates_attributes_and_consents(acts: Acts) -> None:
    northfield, fjordby = site(acts, "northfield"), site(acts, "fjordby")

    assert (northfield.open_from, northfield.country) == ("2024-02-01", "United Kingdom")
    assert fjordby.open_from is None
    assert fjordby.attributes_on("2024-02-01") == {"country": "no"}
    with acts.database.reading() as connection:
        approvals = reads.list_consent_approvals(connection, STUDY, "northfield")
    assert [(one.scope, one.version, one.from_date) for one in approvals] == [
        ("main", "1.0", "2024-01-10")
    ]
    assert acts.disagreements() == []


def test_new_site_is_closed_until_it_is_opened(acts: Acts) -> None:
    add(acts)
    assert not site(acts, "southby").is_open("2099-01-01")

    with acts.acting() as tx:
        service.open_site(tx, STUDY, "southby", MARCH)
    opened = site(acts, "southby")
    assert [opened.is_open(day) for day in ("2024-02-29", "2024-03-01")] == [False, True]
    assert acts.disagreements() == []


def test_closed_site_takes_nobody_from_that_date_and_may_open_again(acts: Acts) -> None:
    with acts.acting() as tx:
        service.close_site(tx, STUDY, "northfield", date(2024, 5, 1), "Recruitment is over")
    closed = site(acts, "northfield")
    assert [closed.is_open(day) for day in ("2024-04-30", "2024-05-01")] == [True, False]

    with acts.acting() as tx:
        service.open_site(tx, STUDY, "northfield", date(2024, 6, 1))
    assert site(acts, "northfield").is_open("2024-06-01")
    assert acts.disagreements() == []


@pytest.mark.parametrize(
    "changes, field",
    [
        ({"slug": ""}, "slug"),
        ({"slug": "North Field"}, "slug"),
        ({"slug": "1north"}, "slug"),
        ({"slug": "a" * 19}, "slug"),
        ({"slug": "north\n"}, "slug"),
        ({"slug": "northfield"}, "slug"),
        ({"name": "   "}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"zone": "Europe/Nowhere"}, "zone"),
        ({"zone": "GMT+1"}, "zone"),
        ({"zone": "../etc/passwd"}, "zone"),
        ({"zone": ""}, "zone"),
        ({"target": 0}, "target"),
        ({"target": 100_001}, "target"),
        ({"target_by": date(2027, 12, 31)}, "target"),
        ({"country": "x" * 201}, "country"),
        ({"attributes": {"country": "se"}}, "country"),
        ({"attributes": {"beds": "many"}}, "attribute"),
    ],
)
def test_wrong_new_site_is_refused_at_its_control(
    acts: Acts, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        add(acts, **changes)
    assert refused.value.field == field


def test_site_without_a_code_that_strata_need_cannot_open(acts: Acts) -> None:
    add(acts, attributes={})

    with pytest.raises(Refused) as refused, acts.acting() as tx:
        service.open_site(tx, STUDY, "southby", MARCH)
    assert refused.value.message == (
        "Southby Hospital cannot open on 2024-03-01: its Country is not set by then, and the "
        "randomisation brace needs it. Set it to one of gb, no first."
    )


def test_site_opens_once_the_code_holds_by_that_date(acts: Acts) -> None:
    add(acts, attributes={})
    with acts.acting() as tx:
        service.set_attribute(tx, STUDY, "southby", "country", code="gb", since=date(2024, 3, 2))

    with pytest.raises(Refused, match="not set by then"), acts.acting() as tx:
        service.open_site(tx, STUDY, "southby", MARCH)
    with acts.acting() as tx:
        service.open_site(tx, STUDY, "southby", date(2024, 3, 2))
    assert site(acts, "southby").country == "United Kingdom"


def test_attribute_is_dated_and_corrected_on_the_same_day(acts: Acts) -> None:
    for code, since in (("no", MARCH), ("gb", MARCH), ("no", date(2024, 9, 1))):
        with acts.acting() as tx:
            service.set_attribute(tx, STUDY, "northfield", "country", code=code, since=since)

    found = site(acts, "northfield")
    assert [(one.value, one.from_date) for one in found.attributes] == [
        ("gb", "1900-01-01"),
        ("gb", "2024-03-01"),
        ("no", "2024-09-01"),
    ]
    assert found.attributes_on("2024-08-31") == {"country": "gb"}
    assert found.attributes_on("2024-09-01") == {"country": "no"}
    assert acts.disagreements() == []


def test_unknown_attribute_or_code_is_refused(acts: Acts) -> None:
    for name, code, words in (("beds", "1", "no 'beds'"), ("country", "se", "gb, no, not 'se'")):
        with pytest.raises(InvalidInput, match=words), acts.acting() as tx:
            service.set_attribute(tx, STUDY, "northfield", name, code=code, since=MARCH)


def test_open_site_cannot_open_and_unopened_cannot_close(acts: Acts) -> None:
    with pytest.raises(Refused, match="open already, from 2024-02-01"), acts.acting() as tx:
        service.open_site(tx, STUDY, "northfield", MARCH)
    with pytest.raises(Refused, match="not open"), acts.acting() as tx:
        service.close_site(tx, STUDY, "fjordby", MARCH)
    with pytest.raises(InvalidInput, match="opened on 2024-02-01"), acts.acting() as tx:
        service.close_site(tx, STUDY, "northfield", date(2024, 1, 31))


def test_a_target_is_dated_and_may_be_changed(acts: Acts) -> None:
    add(acts, target=12, target_by=date(2027, 12, 31))
    before = site(acts, "southby")
    with acts.acting() as tx:
        service.set_target(tx, STUDY, "southby", 20, date(2028, 6, 30))
    after = site(acts, "southby")
    with acts.acting() as tx:
        service.set_target(tx, STUDY, "southby", 20, None)

    assert (before.target, before.target_by) == (12, "2027-12-31")
    assert (after.target, after.target_by) == (20, "2028-06-30")
    assert site(acts, "southby").target_by is None
    with pytest.raises(Refused, match="already"), acts.acting() as tx:
        service.set_target(tx, STUDY, "southby", 20, None)
    with pytest.raises(InvalidInput), acts.acting() as tx:
        service.set_target(tx, STUDY, "southby", None, date(2028, 6, 30))
    assert acts.disagreements() == []


def test_delegate_is_in_force_from_first_to_last_day(acts: Acts) -> None:
    with acts.acting() as tx:
        line = service.delegate(tx, STUDY, "northfield", " Dr A. Cole ", role_note="", since=MARCH)
        service.end_delegation(tx, STUDY, "northfield", line, last_day=date(2024, 4, 1))

    with acts.database.reading() as connection:
        names = {
            day: [one.name for one in reads.list_delegates(connection, STUDY, "northfield", day)]
            for day in ("2024-02-29", "2024-03-01", "2024-04-01", "2024-04-02")
        }
        assert len(reads.list_delegates(connection, STUDY, "northfield")) == 1
    assert names == {
        "2024-02-29": [],
        "2024-03-01": ["Dr A. Cole"],
        "2024-04-01": ["Dr A. Cole"],
        "2024-04-02": [],
    }
    assert acts.disagreements() == []


def test_wrong_delegations_are_refused(acts: Acts) -> None:
    with acts.acting() as tx:
        line = service.delegate(tx, STUDY, "northfield", "Dr A. Cole", role_note="", since=MARCH)

    for name, kind in (("DR A. COLE", Refused), ("  ", InvalidInput), ("x" * 201, InvalidInput)):
        with pytest.raises(kind), acts.acting() as tx:
            service.delegate(tx, STUDY, "northfield", name, role_note="", since=MARCH)
    with pytest.raises(InvalidInput), acts.acting() as tx:
        service.end_delegation(tx, STUDY, "northfield", line, last_day=date(2024, 2, 29))
    with pytest.raises(NotFound), acts.acting() as tx:
        service.end_delegation(tx, STUDY, "fjordby", line, last_day=MARCH)
    with acts.acting() as tx:
        service.end_delegation(tx, STUDY, "northfield", line, last_day=MARCH)
    with pytest.raises(Refused, match="ended on 2024-03-01"), acts.acting() as tx:
        service.end_delegation(tx, STUDY, "northfield", line, last_day=MARCH)


def test_consent_version_is_in_use_from_its_date(acts: Acts) -> None:
    with acts.acting() as tx:
        service.approve_consent_version(
            tx, STUDY, "northfield", "main", version="2.0", since=date(2024, 7, 1)
        )

    with acts.database.reading() as connection:
        in_use = [
            reads.list_approved_versions(connection, STUDY, "northfield", "main", day)
            for day in ("2024-01-09", "2024-06-30", "2024-07-01")
        ]
    assert in_use == [[], ["1.0"], ["1.0", "2.0"]]
    assert acts.disagreements() == []


@pytest.mark.parametrize(
    "scope, version, since, words",
    [
        ("main", "1.0", MARCH, "already, from 2024-01-10"),
        ("main", "2.0", date(2024, 5, 31), "approved on 2024-06-01"),
        ("main", "9.9", MARCH, "it has: main 1.0, main 2.0"),
        ("extra", "1.0", MARCH, "it has: main 1.0, main 2.0"),
    ],
)
def test_wrong_consent_approval_is_refused(
    acts: Acts, scope: str, version: str, since: date, words: str
) -> None:
    with pytest.raises(Refused, match=words), acts.acting() as tx:
        service.approve_consent_version(
            tx, STUDY, "northfield", scope, version=version, since=since
        )


def test_role_at_one_site_does_not_reach_another(acts: Acts) -> None:
    local = make_actor(sites=frozenset({"fjordby"}))

    with pytest.raises(NotAllowed), acts.acting(local) as tx:
        service.close_site(tx, STUDY, "northfield", MARCH)
    with acts.acting(local) as tx:
        service.open_site(tx, STUDY, "fjordby", MARCH)
    with acts.database.reading() as connection:
        assert [one.slug for one in reads.list_sites(connection, local, STUDY)] == ["fjordby"]
        assert len(reads.list_sites(connection, MANAGER, STUDY)) == 2
        assert len(reads.list_sites(connection, SYSTEM_ACTOR, STUDY)) == 2
        with pytest.raises(NotFound):
            reads.get_visible_site(connection, local, STUDY, "northfield")


@pytest.mark.parametrize("role", [Role.NURSE, Role.DATA_MANAGER, Role.ADMINISTRATOR])
def test_only_the_trial_manager_leads_sites(acts: Acts, role: Role) -> None:
    with pytest.raises(NotAllowed), acts.acting(make_actor(role=role)) as tx:
        service.add_site(tx, STUDY, service.NewSite(**VALID))


def test_unknown_site_is_not_found(acts: Acts) -> None:
    with pytest.raises(NotFound), acts.acting() as tx:
        service.open_site(tx, STUDY, "nowhere", MARCH)


def test_memberships_may_be_limited_to_the_study_s_sites(acts: Acts) -> None:
    with acts.database.reading() as connection:
        assert [one.slug for one in list_sites_of_study(connection, STUDY)] == [
            "fjordby",
            "northfield",
        ]
