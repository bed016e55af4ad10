"""What a study hides from a role: values, queries, history, forms, drafts reach it nowhere."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from html import unescape

import pytest

from capture.access import Role
from capture.entry.service import keep_draft
from capture.participants import reads as participant_reads
from capture.queries.reads import Query, list_queries
from capture.study import service as study_service
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from forms.load import read_folder
from tests.support.builders import Visitor, make_user
from tests.support.clinic import SignIn
from tests.support.crawler import Walk
from tests.support.hidden_course import GRADING, check_hiding_study
from tests.support.kitchen_sink import DEMO, FILLED, FOLDER, Sink, make_sink
from tests.support.trial import make_actor

ODD = "137"
"""Steps a day, below the softest limit of 500."""
WORDS = re.compile(rf"Panel grad|Graded on|Steps a day|500 to 20,?000|grading|ed_steps|\b{ODD}\b")
HOME = f"/studies/{DEMO}"
OWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}"
    r"|(?:csrf_token|request_id)\" value=\"[^\"]*|[0-9]{2}:[0-9]{2}|now&#34;:&#34;[^&]+"
    r"|(?:19)?6[01][^<]*"
)
"""Ids, tokens, minutes, and when each was born."""


@dataclass
class Hiding:
    """Somebody whose steps are odd and whose grade is odd, both hidden from nurses."""

    sink: Sink
    services: Services

    @property
    def grading_url(self) -> str:
        return self.sink.url.replace("kitchen_sink", "grading")

    @property
    def person_url(self) -> str:
        return f"{HOME}/participants/{self.sink.pid}"

    def query(self) -> Query:
        entry = self.sink.entry()
        assert entry is not None
        with self.services.database.reading() as connection:
            (found,) = list_queries(connection, entry.id)
        return found


@pytest.fixture
def hiding(services: Services, sign_in: SignIn) -> Hiding:
    made = make_sink(services, sign_in, check_hiding_study())
    make_user(services, email="manager@site.example", role=Role.DATA_MANAGER, study=DEMO)
    made.tab("doctor@site.example").save(**{**FILLED, "ed_steps": ODD})
    hidden = Hiding(made, services)
    doctor = sign_in("doctor@site.example")
    grading = made.tab("doctor@site.example")
    grading.url, grading.page = hidden.grading_url, doctor.get(hidden.grading_url)
    grading.save(**{"grade": "9", "graded_on-day": "3 Mar 2026"})
    return hidden


def walked(sink: Sink, name: str) -> Walk:
    visitor = sink.sign_in(f"{name}@site.example")
    more = [f"{HOME}/participants?attention={one}" for one in ("query", "due", "draft")]
    return Walk(visitor.client.application, visitor).from_home(*more)


@pytest.mark.parametrize("name", ["nurse", "manager"])
def test_no_page_tells_what_is_hidden(hiding: Hiding, name: str) -> None:
    walk = walked(hiding.sink, name)
    found = {
        f"{page.address}: {word[0]}"
        for page in walk.pages
        if not page.address.startswith((f"{HOME}/definition", f"{HOME}/versions"))
        for word in WORDS.finditer(unescape(page.answer.text))
    }

    assert (walk.broken, found) == ([], set())


def test_who_may_see_it_is_told(hiding: Hiding) -> None:
    """The words of the other test are there to be found."""
    texts = "".join(page.answer.text for page in walked(hiding.sink, "doctor").pages)

    for word in ("Panel grading", "Steps a day", ODD, f"{hiding.grading_url}"):
        assert word in texts


def test_a_query_about_it_is_neither_listed_nor_counted(hiding: Hiding, sign_in: SignIn) -> None:
    nurse, doctor = (sign_in(f"{name}@site.example") for name in ("nurse", "doctor"))

    def listed(visitor: Visitor) -> tuple[bool, bool, bool]:
        home = visitor.get("/").text
        list_page = visitor.get(f"{HOME}/queries").text
        people = visitor.get(f"{HOME}/participants?attention=query").text
        no_queries = "There are no open queries." in home
        return no_queries, "<tbody" in list_page, hiding.sink.pid in people

    assert listed(nurse) == (True, False, False)
    assert listed(doctor) == (False, True, True)


def test_nobody_closes_a_query_about_what_is_hidden_from_them(hiding: Hiding) -> None:
    asked = hiding.query()

    answer = hiding.sink.tab().save(**{**FILLED, "ed_steps__confirm": [asked.key, "as-typed"]})

    assert answer.status_code == 303
    assert hiding.query().is_open
    hiding.sink.tab("doctor@site.example").save(
        **{**FILLED, "ed_steps": ODD, "ed_steps__confirm": asked.key}
    )
    assert not hiding.query().is_open


def test_a_form_that_is_wholly_hidden_is_not_found(hiding: Hiding, sign_in: SignIn) -> None:
    nurse, at = sign_in("nurse@site.example"), hiding.grading_url
    acts = ["", "/not-done", "/draft", "/draft/take-over", "/draft/discard"]

    sent = {"missing_reason": "not_done", "version": "1", "reason": "Other", "shown": ""}
    assert nurse.get(at).status_code == 404
    assert {nurse.post(f"{at}{one}", sent).status_code for one in acts} == {404}
    assert at not in nurse.get(hiding.person_url).text
    assert sign_in("doctor@site.example").get(at).status_code == 200


def test_a_visit_of_hidden_forms_alone_waits_for_nobody_who_sees_none(
    services: Services, sign_in: SignIn
) -> None:
    files = read_folder(FOLDER)
    files["plan.yaml"] = files["plan.yaml"].replace(
        b"  - slug: month\n",
        b"  - slug: panel\n    title: Panel meeting\n    anchor: screening\n"
        b"    window: {after: 14}\n    instruments: [grading]\n  - slug: month\n",
    )
    files["instruments/grading.yaml"] = GRADING.encode()
    sink = make_sink(services, sign_in, study_service.check_definition(files))
    with services.database.reading() as connection:
        visits = participant_reads.list_visits(connection, sink.pid)
    panel = next(one for one in visits if one.slug == "panel")
    page = f"{HOME}/participants/{sink.pid}/visits/{panel.id}"

    nurse, doctor = (sign_in(f"{name}@site.example") for name in ("nurse", "doctor"))

    assert (nurse.get(page).status_code, doctor.get(page).status_code) == (404, 200)
    assert nurse.post(f"{page}/not-done", {"reason": "Nobody came"}).status_code == 404
    texts = [one.get("/").text for one in (nurse, doctor)]
    assert ["Panel" in text for text in texts] == [False, True]


def test_a_draft_of_it_is_not_told(hiding: Hiding, sign_in: SignIn) -> None:
    with hiding.services.database.writing() as connection:
        person = participant_reads.get_participant(
            connection, make_actor(Role.INVESTIGATOR, study=DEMO), DEMO, hiding.sink.pid
        )
        owner = make_actor(Role.INVESTIGATOR, person.site, study=DEMO)
        place = Place("start", 1, "grading")
        keep_draft(connection, owner, person, place, {"grade": ["2"]}, entry_version=1)

    nurse = sign_in("nurse@site.example")

    for page in ("/", hiding.person_url, f"{HOME}/participants?attention=draft"):
        assert "grading" not in nurse.get(page).text


def test_the_audit_trail_says_nothing_of_it(hiding: Hiding, sign_in: SignIn) -> None:
    texts = [
        sign_in(f"{name}@site.example").get(f"{HOME}/audit").text for name in ("manager", "monitor")
    ]

    assert [bool(WORDS.search(unescape(text))) for text in texts] == [False, True]


def test_no_redaction_of_it_is_asked_for(hiding: Hiding, sign_in: SignIn) -> None:
    entry = hiding.sink.entry()
    assert entry is not None
    manager = sign_in("manager@site.example")
    ask = f"{HOME}/redactions/ask/{hiding.sink.pid}/{entry.id}"

    assert manager.get(f"{ask}/ed_weight").status_code == 200
    assert manager.get(f"{ask}/ed_steps").status_code == 404
    assert manager.post(f"{ask}/ed_steps", {"reason": "It is wrong"}).status_code == 404


@pytest.mark.parametrize("name", ["nurse", "manager"])
def test_pages_about_two_who_differ_in_what_is_hidden_are_alike(hiding: Hiding, name: str) -> None:
    """Odd values, their queries answered; the hidden form of one was odd and is corrected."""
    first, second = hiding.sink, hiding.sink.with_somebody_else()
    second.tab("doctor@site.example").save(**{**FILLED, "ed_steps": "151"})
    for sink, steps in ((first, ODD), (second, "151")):
        key = replace(hiding, sink=sink).query().key
        tab = sink.tab("doctor@site.example")
        tab.save(**{**FILLED, "ed_steps": steps, "ed_steps__confirm": key})
    _grade(second, "2")
    _grade(first, "1", reason="data_entry", reason_words="Read again")

    def differing(reader: str) -> list[str]:
        visitor = first.sign_in(f"{reader}@site.example")
        ours, theirs = (_pages(visitor, sink, _numbers(hiding, sink)) for sink in (first, second))
        assert ours.keys() == theirs.keys()
        lines = {key: (_lines(ours[key]), _lines(theirs[key])) for key in ours}
        return [f"{key}: {line}" for key, (a, b) in lines.items() for line in (a - b) + (b - a)]

    assert differing(name) == []
    assert any(ODD in line for line in differing("monitor"))


def _grade(sink: Sink, grade: str, **more: str) -> None:
    tab = sink.tab("doctor@site.example")
    tab.url = sink.url.replace("kitchen_sink", "grading")
    tab.page = tab.visitor.get(tab.url)
    answer = tab.save(**{"grade": grade, "graded_on-day": "3 Mar 2026", **more})
    assert answer.status_code == 303, answer.text


def _numbers(hiding: Hiding, sink: Sink) -> dict[str, str]:
    """What names somebody, each with a word in its place."""
    reader = make_actor(Role.INVESTIGATOR, study=DEMO)
    with hiding.services.database.reading() as connection:
        person = participant_reads.get_participant(connection, reader, DEMO, sink.pid)
    return {person.number: "NUMBER", person.screening_number: "SCREENED"}


def _pages(visitor: Visitor, sink: Sink, numbers: dict[str, str]) -> dict[str, str]:
    """What somebody is shown of a person, without what is the person's own."""
    person, own = f"{HOME}/participants/{sink.pid}", {sink.pid: "PERSON", **numbers}
    addresses = [person, f"{person}/history", sink.url, f"{sink.url}?history=1"]
    addresses += [sink.url.rpartition("/")[0], f"{person}/put-right"]
    found = {}
    for address in addresses:
        answer = visitor.get(address)
        texts = [address, f"{answer.status_code} {answer.text}"]
        for word, stand_in in own.items():
            texts = [text.replace(word, stand_in) for text in texts]
        found[OWN.sub("", texts[0])] = OWN.sub("", texts[1])
    return found


def _lines(text: str) -> Counter[str]:
    return Counter(text.splitlines())
