"""The web frame: refused by default, tokens on forms, headers everywhere, one act per request."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, request
from gunicorn.http.errors import InvalidChunkSize
from werkzeug.routing import Rule

from capture import clock, ids
from capture.access import PUBLIC, SIGNED_IN, SYSTEM, Role, allow
from capture.accounts import service
from capture.accounts.tables import account, pending_form
from capture.accounts.web_identity import server_session
from capture.ledger.reads import list_ledger_rows
from capture.ledger.service import Transaction
from capture.ledger.tables import ledger
from capture.problems import Refused
from capture.web.perform import Answer, keeps_typing, perform
from capture.web.perform import kept_form as web_kept_form
from capture.web.request_context import Services
from tests.support.builders import PASSWORD, Visitor, make_user

EMAIL = "nurse@site.example"
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SignIn = Callable[..., Visitor]


@keeps_typing
@allow(SIGNED_IN)
def note() -> object:
    """A page with one field, of which "refuse" is refused."""
    if request.method == "GET":
        kept = web_kept_form()
        return f"note: {kept['words'] if kept else ''}"

    def act(tx: Transaction) -> Answer:
        if request.form["words"] == "refuse":
            raise Refused("This word is not taken.")
        service.revoke_other_sessions(tx, server_session().token_hash)
        return Answer("/note", f"noted {request.form['words']}")

    return perform(act, again=lambda problem: f"{problem.message} {request.form['words']}")


@allow(PUBLIC)
def breaks() -> str:
    raise ZeroDivisionError("a value of a participant")


@pytest.fixture
def app(own_app: Flask) -> Flask:
    return own_app


@pytest.fixture
def noting(app: Flask) -> Flask:
    app.add_url_rule("/note", "note", note, methods=["GET", "POST"])
    app.add_url_rule("/breaks", "breaks", breaks)
    return app


@pytest.fixture
def nurse(noting: Flask, services: Services, sign_in: SignIn) -> Visitor:
    make_user(services)
    return sign_in(EMAIL)


def revoked(services: Services) -> int:
    """How often the note's act was done."""
    statement = sa.select(sa.func.count()).where(ledger.c.action == "session.revoke")
    with services.database.reading() as connection:
        return int(connection.execute(statement).scalar_one())


def rows(services: Services) -> int:
    with services.database.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(ledger)).scalar_one())


def addresses(app: Flask, method: str) -> list[tuple[Rule, str]]:
    """Every address that takes the method, with invented ids in it."""
    found = []
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint != "static":
            values = {name: "gist-imatinib" if name == "study" else "1" for name in rule.arguments}
            with app.test_request_context():
                _domain, path = rule.build(values) or ("", "")
            found.append((rule, path))
    return found


def is_public(app: Flask, rule: Rule) -> bool:
    return getattr(app.view_functions[rule.endpoint], "allowed_action", None) == PUBLIC


def test_every_page_that_is_not_public_needs_a_session(app: Flask) -> None:
    client = app.test_client()
    open_pages = [
        path
        for method in ("GET", "POST")
        for rule, path in addresses(app, method)
        if not is_public(app, rule) and client.open(path, method=method).status_code != 401
    ]

    assert open_pages == []


def test_public_pages_are_few(app: Flask) -> None:
    public = {rule.endpoint for rule in app.url_map.iter_rules() if is_public(app, rule)}

    assert public == {
        "accounts.sign_in",
        "accounts.sign_in_form",
        "pages.healthz",
        "pages.help_page",
    }


def test_view_without_a_mark_is_refused_to_everybody(
    app: Flask, services: Services, sign_in: SignIn
) -> None:
    app.add_url_rule("/unmarked", "unmarked", lambda: "what nobody may see")
    make_user(services)

    for visitor in (Visitor(app), sign_in(EMAIL)):
        answer = visitor.get("/unmarked")
        assert answer.status_code == 403
        assert "what nobody may see" not in answer.text


def test_every_answer_carries_the_headers(app: Flask, nurse: Visitor) -> None:
    app.testing = False  # a page that fails has headers too
    paths = [path for _rule, path in addresses(app, "GET")]
    for visitor in (Visitor(app), nurse):
        for path in [*paths, "/nowhere", "/breaks"]:
            headers = visitor.get(path).headers
            assert "default-src 'none'" in headers["Content-Security-Policy"], path
            assert "unsafe" not in headers["Content-Security-Policy"], path
            assert headers["X-Content-Type-Options"] == "nosniff", path
            assert headers["Referrer-Policy"] == "no-referrer", path
            assert headers["Cross-Origin-Opener-Policy"] == "same-origin", path
            assert headers["Cache-Control"] == "no-store", path


@pytest.mark.parametrize("role", [Role.NURSE, Role.TRIAL_MANAGER, Role.ADMINISTRATOR])
def test_every_form_without_its_token_is_refused_and_stores_nothing(
    app: Flask, services: Services, sign_in: SignIn, role: Role
) -> None:
    make_user(services, role=role)
    visitor = sign_in(EMAIL)
    for _rule, path in addresses(app, "POST"):
        answer = visitor.client.post(path, data={"request_id": ids.new_id()})
        assert answer.status_code in (400, 403, 404), path
    with services.database.reading() as connection:
        done = {
            fact.action.value for fact in list_ledger_rows(connection, services.concealment, SYSTEM)
        }
    assert done <= {"user.create", "role.assign", "user.sign_in", "access.deny"}


def test_sign_out_without_its_token_keeps_the_session(nurse: Visitor) -> None:
    assert nurse.client.post("/sign-out").status_code == 400
    assert nurse.client.get("/sign-out").status_code == 405
    assert nurse.get("/account").status_code == 200


def test_study_without_a_membership_is_not_found_and_a_role_without_the_act_is_refused(
    services: Services, nurse: Visitor
) -> None:
    assert nurse.get("/studies/another/people").status_code == 404
    before = rows(services)
    assert nurse.get("/studies/gist-imatinib/people").status_code == 403
    assert rows(services) == before + 1


def test_membership_that_is_over_or_to_come_opens_nothing(
    services: Services, sign_in: SignIn
) -> None:
    make_user(services, email="past@site.example", role=Role.TRIAL_MANAGER, to_date="2020-12-31")
    make_user(services, email="next@site.example", role=Role.TRIAL_MANAGER, from_date="2999-01-01")
    for email in ("past@site.example", "next@site.example"):
        assert sign_in(email).get("/studies/gist-imatinib/people").status_code == 404


def test_repeated_request_acts_once_and_gets_its_first_answer(
    services: Services, nurse: Visitor
) -> None:
    form = {"request_id": ids.new_id(), "words": "hello"}
    first, second = nurse.post("/note", form), nurse.post("/note", form)

    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location == "/note"
    assert revoked(services) == 1


def test_double_click_acts_once_and_both_get_the_answer(
    services: Services, nurse: Visitor, noting: Flask
) -> None:
    cookie = nurse.client.get_cookie("sarcomere")
    assert cookie is not None
    form = {
        "csrf_token": nurse.csrf_token(),
        "request_id": ids.new_id(),
        "words": "hello",
    }

    def click(_number: int) -> int:
        client = noting.test_client()
        client.set_cookie("sarcomere", cookie.value)
        return client.post("/note", data=form).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(click, range(4)))

    assert answers == [303] * 4
    assert revoked(services) == 1


@pytest.mark.both_engines("a constraint")
def test_same_request_id_with_other_content_stores_nothing(
    services: Services, nurse: Visitor
) -> None:
    request_id = ids.new_id()
    nurse.post("/note", {"request_id": request_id, "words": "hello"})

    answer = nurse.post("/note", {"request_id": request_id, "words": "good-bye"})

    assert answer.status_code == 409
    assert answer.text.endswith("good-bye")
    assert revoked(services) == 1


def test_request_id_of_another_person_gives_nothing_away(
    services: Services, nurse: Visitor, sign_in: SignIn
) -> None:
    make_user(services, email="other@site.example")
    form = {"request_id": ids.new_id(), "words": "hello"}
    nurse.post("/note", form)

    assert sign_in("other@site.example").post("/note", form).status_code == 409


@pytest.mark.parametrize("request_id", ["", "short", "x" * 65, "a b c d e f g h"])
def test_form_without_a_proper_request_id_is_refused(nurse: Visitor, request_id: str) -> None:
    assert nurse.post("/note", {"request_id": request_id, "words": "hello"}).status_code == 422


def test_refusal_shows_what_was_typed_and_is_on_record(services: Services, nurse: Visitor) -> None:
    before = rows(services)

    answer = nurse.post("/note", {"words": "refuse"})

    assert (answer.status_code, answer.text) == (422, "This word is not taken. refuse")
    assert rows(services) == before + 1
    assert revoked(services) == 0


class CutUp(io.RawIOBase):
    """What the server's reader does with a body sent in pieces of no readable length."""

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        raise InvalidChunkSize(b"ZZ")


def test_a_body_in_pieces_that_do_not_fit_is_refused_in_words(app: Flask) -> None:
    answer = app.test_client().post(
        "/sign-in",
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input": CutUp(), "wsgi.input_terminated": True},
    )

    assert answer.status_code == 400
    assert "The request could not be processed" in answer.text


def test_message_is_shown_once(nurse: Visitor, app: Flask) -> None:
    nurse.post("/note", {"words": "hello"})

    assert "noted hello" in nurse.get("/account").text
    assert "noted hello" not in nurse.get("/account").text


def test_message_of_one_person_is_not_shown_to_the_next(services: Services, nurse: Visitor) -> None:
    make_user(services, email="other@site.example")
    nurse.post("/note", {"words": "hello"})
    nurse.client.post(
        "/sign-in",
        data={
            "csrf_token": nurse.csrf_token(),
            "email": "other@site.example",
            "password": PASSWORD,
        },
    )

    assert "noted hello" not in nurse.get("/account").text


def test_typing_survives_the_end_of_the_session_for_the_same_person(
    services: Services, noting: Flask, sign_in: SignIn
) -> None:
    with clock.running_at(START):
        make_user(services)
        make_user(services, email="other@site.example")
        nurse = sign_in(EMAIL)
        token = nurse.csrf_token()
    with clock.running_at(START + timedelta(hours=1)):
        form = {"csrf_token": token, "words": "what I typed", "password": "never kept"}
        answer = nurse.client.post("/note", data=form)
        assert answer.status_code == 401
        assert "is kept for a day" in answer.text
        assert 'name="next" value="/note"' in answer.text
        assert sign_in("other@site.example").get("/note").text == "note: "
        nurse.sign_in(EMAIL)
        assert nurse.get("/note").text == "note: what I typed"
        nurse.post("/note", {"words": "what I typed"})
        assert nurse.get("/note").text == "note: "


@pytest.mark.both_engines("statements of its own")
def test_kept_typing_is_encrypted_and_gone_after_a_day(services: Services, nurse: Visitor) -> None:
    stale = nurse.csrf_token()
    nurse.post("/sign-out")
    nurse.sign_in(EMAIL)
    nurse.client.post("/note", data={"csrf_token": stale, "words": "what I typed"})
    with services.database.reading() as connection:
        contents = connection.execute(sa.select(pending_form.c.content)).scalars().all()

    assert len(contents) == 1
    assert "typed" not in contents[0]
    assert nurse.get("/note").text == "note: what I typed"
    with clock.running_at(clock.now() + timedelta(hours=25)):
        nurse.sign_in(EMAIL)
        assert nurse.get("/note").text == "note: "


def test_a_forged_form_is_not_kept_for_who_is_signed_in(services: Services, nurse: Visitor) -> None:
    answer = nurse.client.post("/note", data={"csrf_token": "stale", "words": "evil"})

    assert "Nothing was changed" in answer.text
    with services.database.reading() as connection:
        assert connection.execute(sa.select(pending_form)).all() == []


def test_a_form_that_another_person_opened_is_kept_for_that_person(
    services: Services, nurse: Visitor
) -> None:
    make_user(services, email="cole@site.example", name="A. Cole")
    opened = nurse.csrf_token()
    nurse.sign_in("cole@site.example")

    answer = nurse.client.post("/note", data={"csrf_token": opened, "words": "what Nora typed"})

    assert answer.status_code == 400
    assert "This page was opened by Nora Nurse" in answer.text
    assert "what Nora typed" not in answer.text
    assert nurse.get("/note").text == "note: "
    nurse.sign_in(EMAIL)
    assert nurse.get("/note").text == "note: what Nora typed"


def test_a_form_sent_after_signing_out_in_another_tab_is_kept(nurse: Visitor) -> None:
    opened = nurse.csrf_token()
    nurse.post("/sign-out")

    answer = nurse.client.post("/note", data={"csrf_token": opened, "words": "what I typed"})

    assert answer.status_code == 401
    assert "is kept for a day" in answer.text
    nurse.sign_in(EMAIL)
    assert nurse.get("/note").text == "note: what I typed"


def test_messages_of_one_session_are_not_shown_in_another(nurse: Visitor) -> None:
    nurse.post("/note", {"words": "private"})
    said = nurse.client.get_cookie("sarcomere-said")
    assert said is not None
    nurse.post("/sign-out")
    nurse.client.set_cookie("sarcomere-said", said.value)

    assert "app-outcome" not in nurse.get("/sign-in").text


def test_forged_form_for_an_ended_session_is_not_kept(
    services: Services, noting: Flask, sign_in: SignIn
) -> None:
    with clock.running_at(START):
        make_user(services)
        nurse = sign_in(EMAIL)
    with clock.running_at(START + timedelta(hours=1)):
        answer = nurse.client.post("/note", data={"csrf_token": "forged", "words": "evil"})
    assert "Sign in and do it again" in answer.text
    with services.database.reading() as connection:
        assert connection.execute(sa.select(pending_form)).all() == []


@pytest.mark.parametrize(
    "body", [b"words=%00", b"words=%ff", b"words=%ED%A0%80", b"words=\xff", b"%00=x", b"wor\xc3=x"]
)
def test_text_that_cannot_be_stored_is_refused_in_words(nurse: Visitor, body: bytes) -> None:
    answer = nurse.client.post("/note", data=body, content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 400
    assert "cannot be stored" in answer.text


@pytest.mark.parametrize("path", ["/help?q=%00", "/help?q=%ff", "/%00", "/%ff"])
def test_address_that_is_no_text_is_refused(client: Visitor, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


@pytest.mark.parametrize("body", ['{"a": "\\u0000"}', '{"\\ud800": 1}', '[["\\udfff"]]'])
def test_script_gets_the_same_refusal_as_json(nurse: Visitor, body: str) -> None:
    answer = nurse.client.post("/note", data=body, content_type="application/json")

    assert answer.status_code == 400
    assert "cannot be stored" in answer.get_json()["message"]


def test_file_and_multipart_text_are_read_as_strictly(nurse: Visitor) -> None:
    answer = nurse.post("/note", {"words": "a\x00b"}, content_type="multipart/form-data")

    assert answer.status_code == 400


def test_too_large_a_form_is_refused_in_words(nurse: Visitor) -> None:
    answer = nurse.post("/note", {"words": "x" * 5_000_000})

    assert answer.status_code == 413
    assert "Too much was sent" in answer.text


def test_too_large_a_multipart_form_is_refused_alike(nurse: Visitor) -> None:
    head = b'--edge\r\nContent-Disposition: form-data; name="words"\r\n\r\n'
    body = head + b"x" * 5_000_000 + b"\r\n--edge--\r\n"
    kind = "multipart/form-data; boundary=edge"

    assert nurse.client.post("/note", data=body, content_type=kind).status_code == 413


def test_a_million_letters_pass_the_door(nurse: Visitor) -> None:
    assert nurse.post("/note", {"words": "x" * 1_000_000}).status_code == 303


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "BREW"])
def test_other_methods_are_refused_in_words(client: Visitor, method: str) -> None:
    answer = client.client.open("/help", method=method)

    assert answer.status_code == 405
    assert "Allow" in answer.headers


def test_failure_shows_a_reference_and_logs_no_value(
    noting: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    noting.testing = False
    with caplog.at_level(logging.ERROR):
        answer = noting.test_client().get("/breaks")

    reference = caplog.records[0].getMessage()[:8]
    assert answer.status_code == 500
    assert reference in answer.text
    assert "ZeroDivisionError" in caplog.text
    assert "value of a participant" not in caplog.text + answer.text


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_lost_database_is_said_in_words(
    app: Flask, services: Services, nurse: Visitor, config: object
) -> None:
    app.testing = False
    database = app.extensions["sarcomere"].database
    database.engine.dispose()
    path = Path(str(database.engine.url.database))
    path.write_bytes(b"this is no database" * 100)
    for side in ("-wal", "-shm"):
        path.with_name(path.name + side).unlink(missing_ok=True)

    for path_of_page in ("/account", "/healthz"):
        assert nurse.get(path_of_page).status_code == 503
    assert Visitor(app).get("/help").status_code == 200


def test_healthz_answers_json(client: Visitor) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")


def test_static_files_are_kept_for_ever_only_with_their_hash(client: Visitor) -> None:
    with client.get("/static/boot.js?v=1") as named, client.get("/static/boot.js") as unnamed:
        assert "immutable" in named.headers["Cache-Control"]
        assert unnamed.headers["Cache-Control"] == "no-cache"


def test_idle_warning_can_keep_the_session(nurse: Visitor, client: Visitor) -> None:
    assert nurse.get("/session/keep").status_code == 204
    assert client.get("/session/keep").status_code == 401


@pytest.mark.both_engines("races")
def test_two_at_the_same_moment_are_told_apart(services: Services, app: Flask) -> None:
    make_user(services, email="admin@site.example", role=Role.ADMINISTRATOR)
    visitor = Visitor(app)
    visitor.sign_in("admin@site.example")
    answers = [
        visitor.post("/people", {"name": "Twice Told", "email": "twice@site.example"})
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [303, 422]
    with services.database.reading() as connection:
        found = connection.execute(
            sa.select(account.c.id).where(account.c.email == "twice@site.example")
        ).all()
    assert len(found) == 1
