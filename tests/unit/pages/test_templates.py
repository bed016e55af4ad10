"""The page frame and its parts: strict, escaped, without any NHS identity."""

from __future__ import annotations

import jinja2
import pytest
from flask import render_template_string
from flask.testing import FlaskClient

from tests.unit.pages.kit_app import create_kit

PAGES = ["/", "/own", "/entry", "/read", "/problem"]


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    app = create_kit()
    app.testing = True
    return app.test_client()


@pytest.mark.parametrize("address", PAGES)
def test_a_page_holds_no_inline_script_style_or_nhs_identity(
    client: FlaskClient, address: str
) -> None:
    page = client.get(address).text

    assert "<script>" not in page
    assert "style=" not in page
    assert "<style" not in page
    for identity in ("nhsuk-header__logo", ">NHS<", "Frutiger", "manifest", "nhsuk-icon-180"):
        assert identity not in page


@pytest.mark.parametrize("address", PAGES)
def test_name_role_and_sign_out_stand_on_every_page(client: FlaskClient, address: str) -> None:
    page = client.get(address).text

    assert "Anna Cole" in page
    assert "Research nurse" in page
    assert '<form method="post" action="/out">' in page
    assert page.count('name="csrf_token"') >= 1


def test_text_of_people_is_escaped_by_our_macros_and_by_the_nhs_ones(client: FlaskClient) -> None:
    page = client.get("/").text

    assert "Screened &lt;b&gt;" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_slip_in_our_own_template_is_an_error(client: FlaskClient) -> None:
    with client.application.test_request_context(), pytest.raises(jinja2.UndefinedError):
        render_template_string("{{ nothing_of_this_name }}")


def test_errors_stand_in_a_summary_that_leads_to_the_controls(client: FlaskClient) -> None:
    answer = client.post("/own", data={"csrf_token": _token(client), "given_on-day": "31"})

    page = answer.text
    assert answer.status_code == 422
    assert "<title>Error: Own form – Sarcomere</title>" in page
    assert '<a href="#email">Enter your email</a>' in page
    assert '<a href="#given_on-year">' in page
    assert page.index("Enter your email") < page.index("Choose a reason")


def test_a_password_is_never_written_back(client: FlaskClient) -> None:
    data = {"csrf_token": _token(client), "password": "a-secret-word"}

    assert "a-secret-word" not in client.post("/own", data=data).text


def test_the_outcome_of_a_save_is_said_in_a_region_that_takes_the_focus(
    client: FlaskClient,
) -> None:
    data = {"csrf_token": _token(client), "sbp": "120", "weight": "70"}

    page = client.post("/entry", data=data, follow_redirects=True).text
    assert 'id="app-outcome" tabindex="-1" autofocus' in page
    assert "Kitchen sink saved." in page
    assert 'role="status"' in page


def test_files_carry_the_hash_of_their_content(client: FlaskClient) -> None:
    assert "/static/sarcomere.css?v=" in client.get("/").text


def _token(client: FlaskClient) -> str:
    page = client.get("/own").text
    return page.split('name="csrf_token" value="')[1].split('"')[0]
