"""Attached files: kept with their save, refused in words, fetched by who may, and redacted."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from capture.access import Role
from capture.entry.tables import attached_file
from capture.ledger.service import transaction
from capture.ledger.tables import ledger_body
from capture.ledger.verify import Report, verify_study
from capture.oversight import service as oversight
from capture.study import service as study_service
from capture.web.request_context import Services
from forms.load import read_folder
from tests.support.builders import Visitor, make_user
from tests.support.clinic import SignIn, Tab
from tests.support.kitchen_sink import DEMO, FILLED, FOLDER, PDF, Sink, chosen, make_sink, send
from tests.support.trial import make_actor

OTHER_PDF = PDF + b"% another\n"
NUL = "let\x00ter.pdf"
LINK = re.compile(rf'href="(/studies/{DEMO}/participants/[^"]+/files/[^"]+)"')


@pytest.fixture
def sink(services: Services, sign_in: SignIn) -> Sink:
    return make_sink(services, sign_in)


def rows(sink: Sink) -> list[Any]:
    with sink.services.database.reading() as connection:
        return list(connection.execute(sa.select(attached_file).order_by(attached_file.c.id)))


def links(page: str) -> list[str]:
    return list(dict.fromkeys(LINK.findall(page)))


def report(sink: Sink) -> Report:
    with sink.services.database.reading() as connection:
        return verify_study(connection, sink.services.concealment, DEMO)


def test_a_file_is_stored_with_its_save_and_comes_back_as_it_was(sink: Sink) -> None:
    answer = sink.attach(chosen("letter.pdf"))
    assert answer.status_code == 303, answer.text
    page = sink.tab().page.text
    (link,) = links(page)

    fetched = sink.sign_in("nurse@site.example").get(link)

    digest = hashlib.sha256(PDF).hexdigest()
    assert sink.letter() == f"{digest} {len(PDF)} letter.pdf"
    assert [(row.sha256, row.size, bytes(row.bytes)) for row in rows(sink)] == [
        (digest, len(PDF), PDF)
    ]
    assert fetched.data == PDF
    assert fetched.headers["Content-Disposition"] == "attachment; filename=letter.pdf"
    assert fetched.headers["Content-Type"] == "application/octet-stream"
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert fetched.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert fetched.headers["Cache-Control"] == "no-store"
    assert report(sink).findings == []


def test_the_bytes_are_nowhere_in_the_ledger(sink: Sink) -> None:
    sink.attach(chosen("letter.pdf"))

    with sink.services.database.reading() as connection:
        bodies = connection.execute(sa.select(ledger_body.c.body)).scalars().all()
    (body,) = [one for one in bodies if '"item:ed_letter"' in one]
    assert f"{hashlib.sha256(PDF).hexdigest()} {len(PDF)} letter.pdf" in body
    assert "%PDF" not in "".join(bodies)


def test_each_wrong_file_is_told_and_the_rest_is_stored(sink: Sink) -> None:
    tab = sink.tab()
    wrong = {
        "is empty": [chosen("letter.pdf", b"")],
        "not of the right kind": [chosen("letter.exe")],
        "none inside": [chosen("letter.pdf", b"MZ\x90")],
        "2 files arrived": [chosen("one.pdf"), chosen("two.pdf", OTHER_PDF)],
        "has 500 letters": [chosen("x" * 496 + ".pdf")],
        "U+202E": [chosen("fdp.\u202eexe.pdf")],
        "larger than 10 MB": [chosen("letter.pdf", PDF.ljust(10 * 1_048_576 + 1))],
    }
    for number, (words, files) in enumerate(wrong.items()):
        answer = send(tab, *files, reason="Typing error", ed_steps=str(1_000 + number))
        assert answer.status_code == 422, words
        assert "Referral letter: " in answer.text
        assert words in answer.text
        assert sink.values()["ed_steps"] == 1_000 + number
        tab = Tab(tab.visitor, tab.url, answer)

    assert rows(sink) == []
    assert sink.letter() is None


def test_a_valid_file_is_stored_though_another_item_is_refused(sink: Sink) -> None:
    answer = sink.attach(chosen("letter.pdf"), ed_height="tall")

    assert answer.status_code == 422
    assert "Attached: " in answer.text
    assert len(links(answer.text)) == 1
    assert sink.letter().endswith("letter.pdf")


def test_a_file_stays_when_nothing_is_chosen_and_goes_when_it_is_taken_out(sink: Sink) -> None:
    sink.attach(chosen("letter.pdf"))
    sink.tab().save(**{**FILLED, "ed_steps": "4100"}, reason="Typing error")
    kept = sink.letter()

    sink.tab().save(**FILLED, ed_letter__remove="1", reason="Wrong participant")

    assert kept.endswith("letter.pdf")
    assert sink.letter() is None
    assert len(rows(sink)) == 1, "what was attached earlier is history"
    history = sink.sign_in("monitor@site.example").get(f"{sink.url}?history=all").text
    assert len(links(history)) == 1


def test_a_reason_why_it_is_missing_takes_the_place_of_a_file(sink: Sink) -> None:
    sink.attach(chosen("letter.pdf"))
    sink.tab().save(**FILLED, ed_letter__missing="not_known", reason="Typing error")
    without = sink.entry()
    sink.tab().save(**FILLED, reason="Typing error")
    blank = sink.entry()

    assert without is not None
    assert without.cells["ed_letter"].missing == "not_known"
    assert blank is not None
    assert "ed_letter" not in blank.cells


def test_another_file_is_added_and_the_first_stays_in_the_history(sink: Sink) -> None:
    sink.attach(chosen("letter.pdf"))
    sink.attach(chosen("again.pdf", OTHER_PDF), reason="New information")
    sink.attach(chosen("renamed.pdf"), reason="New information")

    visitor = sink.sign_in("nurse@site.example")
    contents = {visitor.get(link).data for link in links(sink.tab().page.text)}
    history = links(visitor.get(f"{sink.url}?history=all").text)
    assert contents == {PDF}
    assert {visitor.get(link).data for link in history} == {PDF, OTHER_PDF}
    assert len(rows(sink)) == 2, "the same bytes at the same item are kept once"
    assert report(sink).findings == []


def test_the_same_form_twice_is_stored_once_and_with_another_file_not_at_all(sink: Sink) -> None:
    tab = sink.tab()
    first = send(tab, chosen("letter.pdf"))
    again = send(tab, chosen("letter.pdf"))
    other = send(tab, chosen("letter.pdf", OTHER_PDF))

    assert (first.status_code, again.status_code, other.status_code) == (303, 303, 409)
    assert "“letter.pdf” was not stored with the rest; choose the file again" in other.text
    assert [row.sha256 for row in rows(sink)] == [hashlib.sha256(PDF).hexdigest()]


def test_a_file_is_asked_for_again_when_nothing_could_be_saved(sink: Sink) -> None:
    sink.attach(chosen("letter.pdf"))
    tab = sink.tab()
    no_reason = send(tab, chosen("new.pdf", OTHER_PDF))
    sink.tab().save(**{**FILLED, "ed_steps": "4200"}, reason="Typing error")
    stale = send(tab, chosen("new.pdf", OTHER_PDF), request_id="another-request")

    assert (no_reason.status_code, stale.status_code) == (422, 409)
    for answer in (no_reason, stale):
        assert "“new.pdf” was not stored with the rest; choose the file again" in answer.text
    assert len(rows(sink)) == 1
    assert sink.letter().endswith("letter.pdf")


def test_a_file_sent_after_the_session_ended_is_asked_for_again(sink: Sink) -> None:
    tab = sink.tab()
    sent = {**tab.fields(**{**FILLED, "ed_height": "171"}), "ed_letter": chosen("letter.pdf")}
    tab.visitor.post("/sign-out")
    tab.visitor.sign_in("nurse@site.example")
    answer = tab.visitor.client.post(sink.url, data=sent)
    assert answer.status_code == 400

    page = tab.visitor.get(sink.url).text

    assert 'value="171"' in page
    assert "“letter.pdf” was chosen but is not stored; choose the file again" in page
    assert rows(sink) == []


def test_a_draft_says_which_file_is_to_be_chosen_again(sink: Sink) -> None:
    tab = sink.tab()
    typed = {"ed_height": ["171"], "ed_letter__chosen": ["letter.pdf"]}
    headers = {"X-CSRFToken": tab.visitor.csrf_token()}
    tab.visitor.client.post(
        sink.url.partition("?")[0] + "/draft", json={"version": 0, "typed": typed}, headers=headers
    )

    assert "“letter.pdf” was chosen but is not stored" in tab.visitor.get(sink.url).text


def test_the_name_of_a_file_without_its_bytes_is_never_stored(sink: Sink) -> None:
    digest = hashlib.sha256(PDF).hexdigest()

    answer = sink.tab().save(**FILLED, ed_letter=f"{digest} {len(PDF)} letter.pdf")

    assert answer.status_code == 422
    assert sink.letter() is None


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_broken_requests_with_files_are_answered_in_words(sink: Sink) -> None:
    tab = sink.tab()
    fields = {name: text for name, text in tab.fields().items() if isinstance(text, str)}
    start = "".join(
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    part = '--b\r\nContent-Disposition: form-data; name="ed_letter"; filename="%s"\r\n\r\n'
    whole = f"{start}{part % 'letter.pdf'}%PDF-1.4\r\n--b--\r\n"
    broken = {
        "cut off in the file": whole[:-20],
        "cut off in a field": whole[: len(start) // 2],
        "NUL in the name": f"{start}{part % NUL}%PDF-1.4\r\n--b--\r\n",
        "no name": f"{start}{part % ''}%PDF-1.4\r\n--b--\r\n",
        "of no item": whole.replace('name="ed_letter"', 'name="ed_nothing"'),
        "at an item of another type": whole.replace('name="ed_letter"', 'name="ed_steps"'),
    }
    kind = "multipart/form-data; boundary=b"
    found = {
        words: tab.visitor.client.post(
            sink.url,
            data=body.replace(fields["request_id"], f"request-{number}").encode(),
            content_type=kind,
        )
        for number, (words, body) in enumerate(broken.items())
    }

    assert {words: answer.status_code for words, answer in found.items()} == {
        "cut off in the file": 400,
        "cut off in a field": 400,
        "NUL in the name": 400,
        "no name": 422,
        "of no item": 303,
        "at an item of another type": 303,
    }
    assert rows(sink) == []


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_form_with_a_file_item_may_bring_more_and_far_too_much_is_told(sink: Sink) -> None:
    tab = sink.tab()
    tab.visitor.client.application.config["MAX_CONTENT_LENGTH"] = 50_000
    large = PDF.ljust(200_000)

    stored = send(tab, chosen("letter.pdf", large))
    too_much = send(sink.tab(), chosen("film.pdf", PDF.ljust(26_000_000)))
    elsewhere = tab.visitor.client.post(
        f"{sink.url.rpartition('/')[0]}/leg_use", data={"file": chosen("letter.pdf", large)}
    )

    assert stored.status_code == 303
    assert [row.size for row in rows(sink)] == [200_000]
    assert (too_much.status_code, elsewhere.status_code) == (413, 413)
    assert "The files of this form may have 10 MB together" in too_much.text


def test_who_may_fetch_a_file(sink: Sink, sign_in: SignIn, app: Flask) -> None:
    sink.attach(chosen("letter.pdf"))
    (link,) = links(sink.tab().page.text)
    make_user(sink.services, email="far@site.example", study=DEMO, sites=("liffeyside",))
    make_user(sink.services, email="stat@site.example", role=Role.STATISTICIAN, study=DEMO)
    make_user(sink.services, email="gist@site.example")

    found = {
        name: sign_in(f"{name}@site.example").get(link).status_code
        for name in ("doctor", "monitor", "far", "stat", "gist")
    }

    assert found == {"doctor": 200, "monitor": 200, "far": 404, "stat": 403, "gist": 404}
    assert Visitor(app).get(link).status_code == 401
    nurse = sign_in("nurse@site.example")
    assert nurse.get(f"{link}0").status_code == 404
    assert nurse.get(link.replace(sink.pid, f"{sink.pid}0")).status_code == 404


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "file, old, new",
    [
        (
            "instruments/kitchen_sink.yaml",
            "label: Referral letter",
            "label: Referral letter, hidden_from: [monitor]",
        ),
        (
            "study.yaml",
            "visible_to: [nurse, investigator, data_manager, monitor,",
            "reveals: [ed_letter]\n  revealing: withhold\n"
            "  visible_to: [nurse, investigator, data_manager,",
        ),
    ],
    ids=["hidden from the role", "tells the arm"],
)
def test_a_file_that_a_role_may_not_see_is_neither_linked_nor_given(
    services: Services, sign_in: SignIn, file: str, old: str, new: str
) -> None:
    files = read_folder(FOLDER)
    assert old in files[file].decode()
    files[file] = files[file].replace(old.encode(), new.encode())
    sink = make_sink(services, sign_in, study_service.check_definition(files))
    sink.attach(chosen("letter.pdf"))
    (link,) = links(sink.tab().page.text)

    monitor = sign_in("monitor@site.example")

    assert links(monitor.get(f"{sink.url}?history=all").text) == []
    assert monitor.get(link).status_code == 404
    assert sign_in("doctor@site.example").get(link).status_code == 200


def test_a_reader_who_may_not_write_has_the_link_too(sink: Sink) -> None:
    sink.attach(chosen("letter.pdf"))

    page = sink.tab("monitor@site.example").page.text

    assert len(links(page)) == 1
    assert '<input class="app-file"' not in page


def redact(sink: Sink, item: str = "ed_letter") -> None:
    entry = sink.entry()
    assert entry is not None
    first, second = (
        make_actor(role, study=DEMO) for role in (Role.DATA_MANAGER, Role.TRIAL_MANAGER)
    )
    with transaction(sink.services.database, first, sink.services.concealment) as tx:
        asked = oversight.ask_redaction(
            tx, DEMO, sink.pid, entry=entry.id, item=item, reason="Not needed"
        )
    with transaction(sink.services.database, second, sink.services.concealment) as tx:
        oversight.redact(tx, DEMO, asked)


def test_redaction_takes_the_bytes_of_every_version_and_verify_lists_them(sink: Sink) -> None:
    sink.attach(chosen("letter.pdf"))
    sink.attach(chosen("again.pdf", OTHER_PDF), reason="New information")
    visitor = sink.sign_in("nurse@site.example")
    before = links(visitor.get(f"{sink.url}?history=all").text)

    redact(sink)

    assert [(row.sha256, row.size, row.bytes) for row in rows(sink)] == [(None, None, None)] * 2
    answers = [visitor.get(link) for link in before]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert all("removed for privacy" in answer.text for answer in answers)
    assert links(visitor.get(f"{sink.url}?history=all").text) == []
    checked = report(sink)
    assert checked.findings == []
    assert len([one for one in checked.redacted if one.startswith("attached_file ")]) == 2


def test_after_a_redaction_the_file_may_be_attached_anew(sink: Sink) -> None:
    sink.attach(chosen("letter.pdf"))
    redact(sink)

    answer = sink.attach(chosen("letter.pdf"), reason="New information")

    assert answer.status_code == 303, answer.text
    assert [row.sha256 is None for row in rows(sink)] == [True, False]
    assert report(sink).findings == []


def test_redacting_one_persons_file_leaves_the_same_file_of_another(sink: Sink) -> None:
    sink.attach(chosen("letter.pdf"))
    sink.with_somebody_else().attach(chosen("letter.pdf"))

    redact(sink)

    assert [row.bytes is None for row in rows(sink)] == [True, False]
    assert report(sink).findings == []


def test_a_file_whose_name_repeats_a_redacted_value_goes_with_it(sink: Sink) -> None:
    sink.attach(chosen("Referral of Ada Lovelace.pdf"), ed_notes="Ada Lovelace")

    redact(sink, "ed_notes")

    assert [row.bytes for row in rows(sink)] == [None]
    assert report(sink).findings == []
