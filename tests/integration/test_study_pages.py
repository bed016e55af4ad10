"""The study pages as people meet them: list, overview, definition with uploads, sites."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from capture.access import SYSTEM_ACTOR, Role
from capture.ledger.service import transaction
from capture.study import reads, service
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, Visitor, make_user
from tests.support.study_files import STUDY, make_study_files

HOME = f"/studies/{STUDY}"
SignIn = Callable[..., Visitor]


@pytest.fixture
def manager(services: Services, sign_in: SignIn) -> Visitor:
    make_user(services, email="manager@unit.example", role=Role.TRIAL_MANAGER, study=STUDY)
    return sign_in("manager@unit.example")


@pytest.fixture
def published(services: Services) -> Services:
    with transaction(services.database, SYSTEM_ACTOR, services.concealment) as tx:
        service.publish(tx, make_study_files(), add_sites=True)
    return services


def make_visitor(services: Services, sign_in: SignIn, *, role: Role, **more: Any) -> Visitor:
    email = f"{role.value}@unit.example"
    make_user(services, email=email, role=role, study=STUDY, **more)
    return sign_in(email)


def zip_of(files: dict[str, bytes]) -> tuple[io.BytesIO, str]:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    target.seek(0)
    return target, "study.zip"


def upload(
    visitor: Visitor, *changes: tuple[str, str], path: str = "", **more: str
) -> tuple[int, str]:
    files = zip_of(make_study_files(*changes))
    answer = visitor.post(f"{HOME}/definition{path}", {"files": files, **more})
    return answer.status_code, answer.text


def test_manager_publishes_by_upload_looks_and_approves(
    manager: Visitor, services: Services
) -> None:
    assert "Nothing is published" in manager.get(HOME).text
    assert upload(manager, add_sites="y")[0] == 303
    page = manager.get(f"{HOME}/definition").text
    assert "Version 1 (1.0) is published, in state test." in page
    assert "Test study: not for real participants" in page

    assert manager.get(f"{HOME}/definition/1/leg").status_code == 200
    answer = manager.post(f"{HOME}/versions/1/approve", {"password": PASSWORD})
    assert answer.status_code == 303
    page = manager.get(HOME).text
    assert "Version 1 is live" in page
    assert "Test study" not in page
    with services.database.reading() as connection:
        assert reads.get_state(connection, STUDY) == "live"


def test_approval_with_a_wrong_password_changes_nothing(
    manager: Visitor, published: Services
) -> None:
    answer = manager.post(f"{HOME}/versions/1/approve", {"password": "not this one"})

    assert answer.status_code == 422
    assert "not your password" in answer.text
    with published.database.reading() as connection:
        assert reads.get_state(connection, STUDY) == "test"


def test_mistakes_are_shown_by_file_and_line(manager: Visitor, services: Services) -> None:
    status, text = upload(manager, ("type: integer", "type: integr"), ("holds:", "hold:"))

    assert status == 422
    assert "<code>instruments/leg.yaml:13</code>" in text
    assert "<code>study.yaml:" in text
    with services.database.reading() as connection:
        assert reads.list_versions(connection, STUDY) == []


def test_check_only_publishes_nothing(manager: Visitor, services: Services) -> None:
    status, text = upload(manager, path="/check")
    assert (status, "No mistakes: leg-demo 1.0, 1 forms" in text) == (200, True)

    status, text = upload(manager, ("type: integer", "type: integr"), path="/check")
    assert (status, "instruments/leg.yaml:13" in text) == (422, True)
    with services.database.reading() as connection:
        assert reads.list_versions(connection, STUDY) == []


def test_change_to_a_live_study_is_refused_with_each_thing_named(
    manager: Visitor, published: Services
) -> None:
    manager.post(f"{HOME}/versions/1/approve", {"password": PASSWORD})

    status, text = upload(manager, ("slug: month_1", "slug: month_2"), ("arm: NONE", "arm: NIL"))
    assert status == 422
    assert "<li>visit month_1 is gone (removed or renamed)</li>" in text
    assert "<li>randomisation brace, arm NONE is gone (removed or renamed)</li>" in text


def test_same_upload_twice_is_refused_kindly(manager: Visitor, published: Services) -> None:
    status, text = upload(manager)

    assert status == 422
    assert "already version 1 (test), byte for byte" in text


def test_upload_of_another_study_is_refused(manager: Visitor) -> None:
    status, text = upload(manager, ("slug: leg-demo", "slug: arm-demo"))

    assert status == 422
    assert "of the study &#39;arm-demo&#39;" in text


@pytest.mark.parametrize(
    "files, words",
    [
        (None, "Choose the study"),
        ((io.BytesIO(b"\x00\xff\xfe"), "study.yaml"), "not UTF-8"),
        ((io.BytesIO(b"MZ\x90"), "study.exe"), "not a file of a study"),
        ((io.BytesIO(b"no zip"), "study.zip"), "cannot be opened as a zip"),
        ((io.BytesIO(b"a: *b"), "study.yaml"), "aliases"),
    ],
)
@pytest.mark.parametrize("path", ["", "/check"])
def test_upload_that_is_no_study_is_refused_in_words(
    manager: Visitor, files: tuple[io.BytesIO, str] | None, words: str, path: str
) -> None:
    sent = {"files": (io.BytesIO(files[0].getvalue()), files[1])} if files else {}
    answer = manager.post(f"{HOME}/definition{path}", sent)

    assert answer.status_code == 422
    assert words in answer.text


def test_sending_the_same_form_again_gives_the_first_answer(manager: Visitor) -> None:
    sent, name = zip_of(make_study_files())
    answers = [
        manager.post(
            f"{HOME}/definition",
            {"files": (io.BytesIO(sent.getvalue()), name), "request_id": "0190-the-same-form"},
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [303, 303]


def test_preview_shows_a_role_only_what_it_sees(manager: Visitor, published: Services) -> None:
    as_nurse = manager.get(f"{HOME}/definition/1/leg?role=nurse").text
    as_monitor = manager.get(f"{HOME}/definition/1/leg?role=monitor").text

    assert "leg_note" not in as_nurse
    assert "leg_note" in as_monitor


def test_unknown_addresses_are_not_found(manager: Visitor, published: Services) -> None:
    for path in ("definition/1/arm", "definition/7/leg", "sites/nowhere"):
        assert manager.get(f"{HOME}/{path}").status_code == 404
    assert manager.get(f"{HOME}/definition/1/leg?role=king").status_code == 422
    for path in ("versions/7/approve", "sites/nowhere/open"):
        form = {"password": PASSWORD}
        assert manager.post(f"{HOME}/{path}", form).status_code == 404


def test_list_names_my_studies_only(manager: Visitor, published: Services, sign_in: SignIn) -> None:
    make_user(published, email="other@unit.example", role=Role.NURSE, study="another")

    assert "Leg function after surgery" in manager.get("/studies").text
    other = sign_in("other@unit.example")
    assert "Leg function" not in other.get("/studies").text
    assert other.get(HOME).status_code == 404


@pytest.mark.parametrize("role", [Role.NURSE, Role.STATISTICIAN, Role.MONITOR])
def test_other_roles_see_the_overview_and_may_not_publish(
    published: Services, sign_in: SignIn, role: Role
) -> None:
    visitor = make_visitor(published, sign_in, role=role)

    page = visitor.get(HOME)
    assert page.status_code == 200
    assert "Approve version" not in page.text
    assert visitor.get(f"{HOME}/definition").status_code == 403
    assert upload(visitor)[0] == 403
    assert visitor.post(f"{HOME}/sites", {"add-slug": "x"}).status_code == 403


def date_of(field: str, iso: str) -> dict[str, str]:
    year, month, day = iso.split("-")
    return {f"{field}-day": day, f"{field}-month": month, f"{field}-year": year}


NEW_SITE = {
    "add-name": "Southby Hospital",
    "add-slug": "southby",
    "add-zone": "Europe/London",
    "add-attribute_country": "gb",
    "add-target": "12",
    "add-target_by-day": "31",
    "add-target_by-month": "12",
    "add-target_by-year": "2027",
}


def test_manager_leads_a_site_through_its_page(manager: Visitor, published: Services) -> None:
    site = f"{HOME}/sites/southby"
    assert manager.post(f"{HOME}/sites", NEW_SITE).location == site
    posts = [
        ("open", date_of("open-open_from", "2024-03-01")),
        ("consent", {"consent-version": "main:2.0", **date_of("consent-from_date", "2024-07-01")}),
        ("delegates", {"delegate-name": "Dr Cole", **date_of("delegate-from_date", "2024-03-01")}),
        (
            "attribute",
            {"attribute-attribute": "country:no", **date_of("attribute-from_date", "2024-09-01")},
        ),
        ("close", date_of("close-closed_from", "2024-12-01")),
    ]
    assert "12 by 31 December 2027" in manager.get(site).text
    for act, form in posts:
        answer = manager.post(f"{site}/{act}", form)
        assert (answer.status_code, answer.location) == (303, site), act
    with published.database.reading() as connection:
        line = reads.list_delegates(connection, STUDY, "southby")[0].id
    form = {"end-line": line, **date_of("end-to_date", "2024-04-01")}
    assert manager.post(f"{site}/delegates/end", form).status_code == 303

    page = manager.get(site).text
    days = ("1 July 2024", "1 April 2024", "1 December 2024")
    for words in ("Closed", "12", "Dr Cole", "Norway", *days):
        assert words in page


@pytest.mark.parametrize(
    "change, control, words",
    [
        ({"add-slug": "Southby Hospital"}, "add-slug", "A site code is"),
        ({"add-name": ""}, "add-name", "Enter the site"),
        ({"add-zone": "Mars/Olympus"}, "add-zone", "is not a time zone"),
        ({"add-target": "many"}, "add-target", "whole number"),
        ({"add-target": "٣"}, "add-target", "whole number"),
        ({"add-target": ""}, "add-target", "or leave the date blank"),
        ({"add-target_by-day": "32"}, "add-target_by-day", "day"),
        ({"add-attribute_country": "se"}, "add-attribute_country", "must be one of"),
    ],
)
def test_wrong_new_site_comes_back_with_what_was_typed(
    manager: Visitor, published: Services, change: dict[str, str], control: str, words: str
) -> None:
    answer = manager.post(f"{HOME}/sites", {**NEW_SITE, **change})

    assert answer.status_code == 422
    assert f'href="#{control}"' in answer.text
    assert words in answer.text
    kept = {**NEW_SITE, **change}["add-name"]
    assert f'value="{kept}"' in answer.text


def test_manager_changes_the_target_of_a_site_and_takes_it_back(
    manager: Visitor, published: Services
) -> None:
    site = f"{HOME}/sites/northfield"
    aim = {"target-target": "40", **date_of("target-target_by", "2027-06-30")}

    assert manager.post(f"{site}/target", aim).location == site
    page = manager.get(site).text
    again = manager.post(f"{site}/target", aim)
    manager.post(f"{site}/target", {"target-target": ""})

    assert "The target is 40 by 30 June 2027." in page
    assert 'name="target-target" type="text" value="40"' in page
    assert (again.status_code, "is the target of" in again.text) == (422, True)
    with published.database.reading() as connection:
        found = reads.get_site(connection, STUDY, "northfield")
    assert (found.target, found.target_by) == (None, None)


@pytest.mark.parametrize(
    "act, form, words",
    [
        ("target", {"target-target": "many"}, "whole number"),
        ("target", {"target-target": "0"}, "whole number from 1"),
        ("target", date_of("target-target_by", "2027-06-30"), "or leave the date blank"),
        ("target", {"target-target": "4", **date_of("target-target_by", "2027-06-31")}, "June"),
        ("open", {}, "Enter the opening date."),
        ("open", date_of("open-open_from", "2024-02-30"), "February"),
        ("open", date_of("open-open_from", "1899-12-31"), "1900"),
        ("close", date_of("close-closed_from", "2024-12-01"), "is not open"),
        ("consent", {"consent-version": "x", **date_of("consent-from_date", "2024-07-01")}, "has:"),
        ("delegates", date_of("delegate-from_date", "2024-07-01"), "Enter the investigator"),
        ("attribute", {"attribute-attribute": ":"}, "Enter the start date"),
    ],
)
def test_wrong_act_at_a_site_is_answered_in_words(
    manager: Visitor, published: Services, act: str, form: dict[str, str], words: str
) -> None:
    answer = manager.post(f"{HOME}/sites/fjordby/{act}", form)

    assert answer.status_code == 422
    assert words in answer.text


def test_another_site_of_the_study_is_not_found(published: Services, sign_in: SignIn) -> None:
    monitor = make_visitor(published, sign_in, role=Role.MONITOR, sites=("fjordby",))

    assert "Northfield" not in monitor.get(f"{HOME}/sites").text
    assert monitor.get(f"{HOME}/sites/fjordby").status_code == 200
    assert monitor.get(f"{HOME}/sites/northfield").status_code == 404
