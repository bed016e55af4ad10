"""Redaction by two people, the audit trail with its download, and the integrity page."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from capture.access import Action, Actor, Role
from capture.accounts.service import NewMembership
from capture.db import Database, metadata
from capture.entry import service as entries
from capture.ledger.concealment import Concealment
from capture.ledger.verify import verify_study
from capture.oversight import reads, service
from capture.oversight.audit_presenter import TrailLine, TrailReader
from capture.oversight.csv_file import make_harmless
from capture.oversight.paging import get_page
from capture.participants import service as participants
from capture.participants.reads import list_visits
from capture.problems import InvalidInput, NotAllowed, NotFound, Refused
from capture.queries.reads import list_queries
from capture.study import reads as study_reads
from capture.visibility import get_viewer
from capture.web.request_context import Services
from forms.definition import Study
from forms.evaluation_scope import Place
from tests.support.builders import PASSWORD, Visitor, make_membership, make_user
from tests.support.entries import VITALS, Desk
from tests.support.randomising import activate, delegate, draw, ready
from tests.support.trial import GIST, NURSE, Trial, make_actor, make_trial

HOME = f"/studies/{GIST}"
DEMOGRAPHY = Place("baseline", 1, "demography")
HOSPITAL_NUMBER = "HX-778812"
FIRST = make_actor(Role.DATA_MANAGER)
SECOND = make_actor(Role.TRIAL_MANAGER)
SignIn = Callable[..., Visitor]


@pytest.fixture
def desk(database: Database, concealment: Concealment) -> Desk:
    trial = make_trial(database, concealment)
    return Desk(trial, trial.enrolled())


def ask(desk: Desk, item: str, key: Place = DEMOGRAPHY, by: Actor = FIRST) -> str:
    with desk.trial.acting(by) as tx:
        return service.ask_redaction(
            tx, GIST, desk.person.id, entry=desk.stored(key).id, item=item, reason="Not needed"
        )


def redact(desk: Desk, request_id: str, by: Actor = SECOND) -> list[str]:
    with desk.trial.acting(by) as tx:
        return service.redact(tx, GIST, request_id)


def everything(database: Database) -> str:
    """Every value of every table as one text."""
    with database.reading() as connection:
        rows = [
            # A row of the driver's own would cut long texts short when it is written out.
            tuple(row)
            for table in metadata.sorted_tables
            for row in connection.execute(sa.select(table))
        ]
    return repr(rows)


def report(desk: Desk) -> tuple[list[str], list[str]]:
    with desk.trial.database.reading() as connection:
        found = verify_study(connection, desk.trial.concealment, GIST)
    return found.findings, found.redacted


# --- redaction ------------------------------------------------------------------------------------


def test_two_people_take_a_value_out_of_every_table(desk: Desk) -> None:
    desk.save({"hospital_number": HOSPITAL_NUMBER, "sex": "female"}, DEMOGRAPHY)
    desk.save({"hospital_number": "HX-778813"}, DEMOGRAPHY, reason="Typing error")
    assert HOSPITAL_NUMBER in everything(desk.trial.database)

    places = redact(desk, ask(desk, "hospital_number"))

    assert len(places) == 2
    left = everything(desk.trial.database)
    assert HOSPITAL_NUMBER not in left
    assert "HX-778813" not in left
    findings, redacted = report(desk)
    assert findings == []
    assert len(redacted) == 2
    assert desk.stored(DEMOGRAPHY).cells["hospital_number"].missing == "redacted"
    assert desk.stored(DEMOGRAPHY).cells["sex"].value == "female"


def test_a_redacted_value_leaves_the_sqlite_file(desk: Desk) -> None:
    database = desk.trial.database
    desk.save({"hospital_number": HOSPITAL_NUMBER}, DEMOGRAPHY)
    redact(desk, ask(desk, "hospital_number"))

    service.wipe_freed_pages(database)

    if database.is_sqlite:
        name = str(sa.make_url(database.url).database)
        for path in (name, f"{name}-wal"):
            with open(path, "rb") as file:
                assert HOSPITAL_NUMBER.encode() not in file.read()
    assert report(desk)[0] == []


def test_a_redaction_reaches_drafts_and_queries(desk: Desk) -> None:
    desk.save({"weight_kg": "187.6"})
    assert "187.6" in desk.queries()[0].message
    with desk.trial.acting() as tx:
        typed = {"weight_kg": ["187.6"]}
        entries.keep_draft(tx.connection, NURSE, desk.person, VITALS, typed, entry_version=1)

    redact(desk, ask(desk, "weight_kg", VITALS))

    assert "187.6" not in everything(desk.trial.database)
    assert desk.draft() is None
    with desk.trial.database.reading() as connection:
        question = list_queries(connection, desk.stored().id)[0]
    assert question.message == question.key == "removed for privacy"
    assert report(desk)[0] == []


def test_a_redaction_reaches_the_record_of_the_gate(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment)
    delegate(trial)
    activate(trial)
    person = ready(trial)
    done = draw(trial, person)
    desk = Desk(trial, person)
    birth_date = str(desk.stored(DEMOGRAPHY).cells["birth_date"].value)
    assert any("birth_date" in repr(one["sources"]) for one in done.gate)

    redact(desk, ask(desk, "birth_date"))

    assert birth_date not in everything(database)
    assert report(desk)[0] == []


def test_the_person_who_asked_may_not_redact(desk: Desk) -> None:
    desk.save({"hospital_number": HOSPITAL_NUMBER}, DEMOGRAPHY)
    request_id = ask(desk, "hospital_number")

    with pytest.raises(Refused, match="second person"):
        redact(desk, request_id, by=FIRST)

    assert HOSPITAL_NUMBER in everything(desk.trial.database)


def test_a_redaction_is_asked_once_and_done_once(desk: Desk) -> None:
    desk.save({"hospital_number": HOSPITAL_NUMBER}, DEMOGRAPHY)
    request_id = ask(desk, "hospital_number")
    with pytest.raises(Refused, match="asked for this already"):
        ask(desk, "hospital_number", by=SECOND)
    redact(desk, request_id)

    with pytest.raises(Refused, match="or it is done"):
        redact(desk, request_id)
    with pytest.raises(Refused, match="no value to redact"):
        ask(desk, "hospital_number")


def test_a_date_that_places_a_visit_is_not_redacted(desk: Desk) -> None:
    desk.save({"vitals_date": "2026-03-02"})

    with pytest.raises(Refused, match="plan of visits"):
        ask(desk, "vitals_date", VITALS)


def test_asking_needs_a_reason_a_role_and_a_known_person(desk: Desk) -> None:
    desk.save({"hospital_number": HOSPITAL_NUMBER}, DEMOGRAPHY)
    entry = desk.stored(DEMOGRAPHY).id
    said = {"entry": entry, "item": "hospital_number"}

    with desk.trial.acting(FIRST) as tx, pytest.raises(InvalidInput):
        service.ask_redaction(tx, GIST, desk.person.id, **said, reason=" ")
    with desk.trial.acting(FIRST) as tx, pytest.raises(NotFound):
        service.ask_redaction(tx, GIST, "nobody", **said, reason="Why")
    elsewhere = make_actor(Role.DATA_MANAGER, "redgum")
    for actor in (NURSE, elsewhere, make_actor(Role.MONITOR)):
        with desk.trial.acting(actor) as tx, pytest.raises((NotFound, NotAllowed)):
            service.ask_redaction(tx, GIST, desk.person.id, **said, reason="Why")


def test_a_value_entered_after_a_redaction_is_kept(desk: Desk) -> None:
    desk.save({"hospital_number": HOSPITAL_NUMBER}, DEMOGRAPHY)
    redact(desk, ask(desk, "hospital_number"))

    desk.save({"hospital_number": "HX-1"}, DEMOGRAPHY, reason="Pseudonym instead")

    assert desk.stored(DEMOGRAPHY).cells["hospital_number"].value == "HX-1"
    assert report(desk)[0] == []


def test_saving_the_form_again_keeps_the_mark_of_a_redaction_and_corrects_nothing(
    desk: Desk,
) -> None:
    desk.save({"hospital_number": HOSPITAL_NUMBER}, DEMOGRAPHY)
    redact(desk, ask(desk, "hospital_number"))

    # The box of a redacted value is blank on the page; without a reason a correction is refused.
    desk.save({"hospital_number": None, "sex": "female"}, DEMOGRAPHY)

    stored = desk.stored(DEMOGRAPHY).cells
    assert (stored["hospital_number"].missing, stored["sex"].value) == ("redacted", "female")
    assert report(desk)[0] == []


# --- the trail ------------------------------------------------------------------------------------


def read_trail(desk: Desk, actor: Actor = FIRST, **filters: object) -> list[TrailLine]:
    with desk.trial.database.reading() as connection:
        study = study_reads.get_definition_for(connection, GIST)
        where = reads.TrailReading(connection, actor, study)
        reader = reader_of(connection, actor, study)
        return list(get_page(where, reads.TrailFilters(**filters), reader).lines)  # type: ignore[arg-type]


def reader_of(connection: sa.Connection, actor: Actor, study: Study) -> TrailReader:
    sites = study_reads.list_all_sites(connection, GIST)
    zones = {site.slug: site.zone for site in sites}
    viewer = get_viewer(actor, study, *zones)
    return TrailReader(viewer, zones, {site.slug: site.name for site in sites})


def test_a_correction_reads_as_label_old_new_and_reason(desk: Desk) -> None:
    desk.save({"vitals_date": "2026-03-02", "height_cm": "170", "weight_kg": "70"})
    desk.save({"weight_kg": "71.5"}, reason="Typing error")

    line = read_trail(desk, action="entry.save")[0]
    newest = line.row

    assert newest.what == "Form saved: Vital signs, Screening"
    assert newest.reason == "Typing error"
    assert line.person is not None
    assert line.person.number == desk.person.number
    changes = {one.label: (one.old, one.new) for one in newest.details}
    assert changes["Weight"] == ("70 kg", "71.5 kg")
    assert "Height" not in changes


def test_a_death_reads_as_its_partial_date_and_names_the_visits_it_takes_off(desk: Desk) -> None:
    desk.trial.allocate(desk.person, "IM36")
    with desk.trial.on("2026-04-10").acting() as tx:
        participants.die(tx, GIST, desk.person.id, date="2026-03")

    plan, death, *_older = (line.row for line in read_trail(desk))

    assert ("Death", "", "March 2026") in [(one.label, one.old, one.new) for one in death.details]
    taken_off = {one.label for one in plan.details if one.new == "Cancelled"}
    assert {"Imaging month 6", "Follow-up year 1"} <= taken_off
    # The allocation was on 2 March, so each had a date before.
    assert all(one.old for one in plan.details)


def test_the_trail_is_filtered_by_item_number_person_and_day(desk: Desk) -> None:
    other = desk.trial.on("2026-03-05").enrolled(birth_date="1950-01-31")
    desk.save({"weight_kg": "70"})
    Desk(desk.trial.on("2026-03-05"), other).save({"height_cm": "180"})

    by_item = read_trail(desk, item="weight")
    by_number = read_trail(desk, number=other.number)
    by_day = read_trail(desk, first=desk.trial.moment.date(), last=desk.trial.moment.date())
    by_person = read_trail(desk, person=NURSE.id)

    assert [line.person.number for line in by_item if line.person] == [desk.person.number]
    assert {line.person.number for line in by_number if line.person} == {other.number}
    assert {line.row.utc[:10] for line in by_day} == {"2026-03-02"}
    assert by_person
    assert read_trail(desk, item="no item is called so") == []
    assert read_trail(desk, number="%") == []
    assert read_trail(desk, person="' OR 1=1 --") == []


def test_the_trail_is_paged_by_position_without_gap_or_repeat(desk: Desk) -> None:
    for weight in range(60, 120):
        desk.save({"weight_kg": str(weight)}, reason="Again" if weight > 60 else "")
    with desk.trial.database.reading() as connection:
        study = study_reads.get_definition_for(connection, GIST)
        where, reader = (
            reads.TrailReading(connection, FIRST, study),
            reader_of(connection, FIRST, study),
        )
        seen, before = [], ""
        while True:
            page = get_page(where, reads.TrailFilters(), reader, before=before)
            seen += [line.position for line in page.lines]
            if not page.has_older:
                break
            before = page.lines[-1].row.ledger_id
        last = reads.get_last_position(connection, GIST)
        back = get_page(where, reads.TrailFilters(), reader, after=page.lines[0].row.ledger_id)

    assert seen == list(range(last, 0, -1))
    assert back.lines[-1].position == (page.lines[0].position or 0) + 1


def test_a_monitor_of_one_site_sees_no_other_sites_people(desk: Desk) -> None:
    redgum = make_actor(Role.NURSE, "redgum")
    elsewhere = desk.trial.screen("redgum", redgum)

    seen = read_trail(desk, make_actor(Role.MONITOR, "northfield"))

    numbers = {line.person.number for line in seen if line.person}
    assert numbers == {desk.person.number}
    assert elsewhere.number not in repr(seen)


def test_a_monitor_of_one_site_reads_of_no_other_sites_redactions(desk: Desk) -> None:
    desk.save({"hospital_number": HOSPITAL_NUMBER}, DEMOGRAPHY)
    redact(desk, ask(desk, "hospital_number"))

    def seen(site: str) -> set[Action]:
        lines = read_trail(desk, make_actor(Role.MONITOR, site))
        return {line.row.action for line in lines} & {
            Action.REDACTION_REQUEST,
            Action.REDACTION_CARRY_OUT,
        }

    assert seen("northfield") == {Action.REDACTION_REQUEST, Action.REDACTION_CARRY_OUT}
    assert seen("redgum") == set()


def test_who_may_not_see_arms_is_told_of_no_redaction_that_only_one_arm_has(desk: Desk) -> None:
    period = Place("log", 1, "imatinib_periods", 1)
    desk.trial.allocate(desk.person, "IM60")
    desk.save({"imp_dose_mg": "400"}, period)
    desk.save({"hospital_number": HOSPITAL_NUMBER}, DEMOGRAPHY)
    asked = {item: ask(desk, item, key) for item, key in (
        ("imp_dose_mg", period), ("hospital_number", DEMOGRAPHY),
    )}  # fmt: skip
    masked = make_actor(Role.DATA_MANAGER, masked=True)

    with desk.trial.database.reading() as connection:
        for who, shown in ((SECOND, set(asked)), (masked, {"hospital_number"})):
            assert {one.item for one in reads.list_redactions(connection, who, GIST)} == shown
        with pytest.raises(NotFound):
            reads.get_redaction(connection, masked, GIST, asked["imp_dose_mg"])


def test_who_may_not_see_arms_reads_none_and_no_visit_of_one_arm(desk: Desk) -> None:
    for arm, born in (("IM60", "1950-01-31"), ("IM36", "1951-01-31")):
        desk.trial.allocate(desk.trial.enrolled(birth_date=born), arm)
    masked = make_actor(Role.MONITOR, masked=True)

    open_words = repr(read_trail(desk))
    blind_words = repr(read_trail(desk, masked))

    assert "IM60" in open_words
    assert "Treatment month 1" in open_words
    assert "IM60" not in blind_words
    assert "IM36" not in blind_words
    assert "Treatment month 1" not in blind_words
    assert "Imaging month 6" in blind_words


def test_identifying_values_show_only_to_who_may_see_them(desk: Desk) -> None:
    desk.save({"hospital_number": HOSPITAL_NUMBER}, DEMOGRAPHY)

    assert HOSPITAL_NUMBER in repr(read_trail(desk, FIRST))
    assert HOSPITAL_NUMBER not in repr(read_trail(desk, make_actor(Role.MONITOR)))
    assert HOSPITAL_NUMBER not in repr(read_trail(desk, SECOND))


def test_the_trail_shows_no_design_and_no_list_position(
    database: Database, concealment: Concealment
) -> None:
    trial = make_trial(database, concealment)
    delegate(trial)
    activate(trial)
    draw(trial, ready(trial))

    words = repr(read_trail(Desk(trial, trial.screen())))

    assert "Design activated" in words
    assert "Randomised" in words
    for hidden in ("concealed", "list_position", "integers", "block"):
        assert hidden not in words.lower().replace("concealed design entered", "")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_of_the_csv_is_a_formula(text: str) -> None:
    assert make_harmless(text) == f"'{text}"
    assert make_harmless("2-1") == "2-1"


# --- pages ----------------------------------------------------------------------------------------


@pytest.fixture
def published(app: Flask) -> Services:
    services: Services = app.extensions["sarcomere"]
    make_trial(services.database, services.concealment)
    return services


def desk_of(services: Services) -> Desk:
    trial = Trial(services.database, services.concealment)
    return Desk(trial, trial.enrolled())


def visitor(services: Services, sign_in: SignIn, role: Role, name: str) -> Visitor:
    email = f"{name}@unit.example"
    make_user(services, email=email, name=name, role=role, study=GIST)
    return sign_in(email)


def test_redaction_on_the_pages_needs_a_second_person_and_a_password(
    published: Services, sign_in: SignIn
) -> None:
    desk = desk_of(published)
    desk.save({"hospital_number": HOSPITAL_NUMBER}, DEMOGRAPHY)
    first = visitor(published, sign_in, Role.DATA_MANAGER, "ada")
    second = visitor(published, sign_in, Role.TRIAL_MANAGER, "bea")
    entry = desk.stored(DEMOGRAPHY).id
    place = f"{HOME}/redactions/ask/{desk.person.id}/{entry}/hospital_number"
    assert place in first.get(f"{HOME}/audit").text
    with published.database.reading() as connection:
        visit = list_visits(connection, desk.person.id)[0].id
    form = f"{HOME}/participants/{desk.person.id}/visits/{visit}/demography?history=all"
    assert place in first.get(form).text

    assert first.get(place).status_code == 200
    assert first.post(place, {"reason": ""}).status_code == 422
    answer = first.post(place, {"reason": "Typed by mistake"})
    assert answer.status_code == 303
    where = answer.location
    assert "password" not in first.get(where).text.split("<main")[1]
    assert first.post(where, {"password": PASSWORD}).status_code == 422
    assert second.post(where, {"password": "wrong"}).status_code == 422
    assert second.post(where, {"password": PASSWORD}).status_code == 303

    page = second.get(where).text
    assert "The value is gone" in page
    assert HOSPITAL_NUMBER not in everything(published.database)
    assert "1 redaction asked for, 0 waiting" in second.get(f"{HOME}/integrity").text
    assert "Typed by mistake" in first.get(where).text
    assert second.get(f"{HOME}/redactions").status_code == 200
    assert report(desk)[0] == []


def test_the_download_is_on_record_and_holds_every_page(
    published: Services, sign_in: SignIn
) -> None:
    desk = desk_of(published)
    desk.save({"ae_term": "=HYPERLINK(1)", "ae_grade": "1"}, Place("log", 1, "adverse_events"))
    manager = visitor(published, sign_in, Role.DATA_MANAGER, "ada")

    answer = manager.post(f"{HOME}/audit/exports", {"action": "entry.save"})
    assert answer.status_code == 303
    file = manager.get(answer.location)

    rows = list(csv.DictReader(io.StringIO(file.text)))
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert {row["action"] for row in rows} == {"entry.save"}
    assert [row["new"] for row in rows if row["item"] == "ae_term"] == ["'=HYPERLINK(1)"]
    assert manager.get(answer.location).text == file.text
    assert "Audit trail exported" in manager.get(f"{HOME}/audit").text
    other = visitor(published, sign_in, Role.TRIAL_MANAGER, "bea")
    assert other.get(answer.location).status_code == 404


def test_rows_left_out_for_somebody_masked_are_not_told_by_pages_or_positions(
    published: Services, sign_in: SignIn
) -> None:
    """Of two people of the same past one has sixty doses on record, which only one arm gives."""
    desk = desk_of(published)
    other = Desk(desk.trial, desk.trial.enrolled(birth_date="1950-01-31"))
    for one, arm in ((desk, "IM60"), (other, "IM36")):
        one.trial.allocate(one.person, arm)
    for dose in range(60):
        desk.save({"imp_dose_mg": str(100 + dose)}, Place("log", 1, "imatinib_periods", 1))
    user = make_user(published, email="masked@site.example", name="Kim", role=None)
    new = NewMembership(user.id, Role.DATA_MANAGER, None, "2020-01-01", masked=True)
    make_membership(published, new=new)
    masked, unmasked = sign_in(user.email), visitor(published, sign_in, Role.MONITOR, "mo")
    with published.database.reading() as connection:
        newest = connection.execute(sa.text("SELECT max(id) FROM ledger")).scalar_one()

    def told(who: Visitor, one: Desk, more: str = "") -> tuple[int, list[str]]:
        page = who.get(f"{HOME}/audit?number={one.person.number}{more}").text
        rows = page.count('<tr class="nhsuk-table__row">')
        return rows, re.findall("rel=.(?:prev|next)|entry no. [0-9]+", page)

    for more in ("", "&item=dose", "&item=dose&before=999999999", f"&item=dose&before={newest}"):
        assert told(masked, desk, more) == told(masked, other, more), more
    assert told(masked, desk)[0] > 3
    assert told(masked, desk)[1] == []
    assert told(unmasked, desk)[1] != told(unmasked, other)[1]
    taken = masked.get(masked.post(f"{HOME}/audit/exports", {}).location)
    rows = list(csv.DictReader(io.StringIO(taken.text)))
    assert {row["position"] for row in rows} == {""}
    assert len(rows) > 10


@pytest.mark.parametrize(
    "query, status",
    [
        ("number=%25%27%22%3Cscript%3E", 200),
        ("item=%F0%9F%92%89", 200),
        ("number=" + "9" * 5_000, 422),
        ("first=2026-02-29", 422),
        ("last=yesterday", 422),
        ("before=99999999999999999999", 200),
        ("before=-1&after=%E0%A5%A7", 200),
        ("action=no.such&person=nobody", 200),
        ("first=0001-01-01", 422),
        ("last=9999-12-31", 422),
    ],
)
def test_odd_filters_are_answered_in_words(
    published: Services, sign_in: SignIn, query: str, status: int
) -> None:
    manager = visitor(published, sign_in, Role.DATA_MANAGER, "ada")

    answer = manager.get(f"{HOME}/audit?{query}")

    assert answer.status_code == status
    assert "<script>" not in answer.text


def test_the_pages_of_oversight_are_not_for_site_staff(
    published: Services, sign_in: SignIn
) -> None:
    nurse = visitor(published, sign_in, Role.NURSE, "nora")

    for page in ("audit", "redactions", "integrity"):
        assert nurse.get(f"{HOME}/{page}").status_code == 403


def test_the_integrity_page_counts_and_names_the_command(
    published: Services, sign_in: SignIn
) -> None:
    manager = visitor(published, sign_in, Role.TRIAL_MANAGER, "bea")

    page = manager.get(f"{HOME}/integrity").text

    assert re.search(r"Rows sealed</dt>\s*<dd[^>]*>[1-9]", page)
    assert f"sarcomere verify {GIST}" in page
