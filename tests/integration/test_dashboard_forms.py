"""Completeness and timeliness by form and site, out of counters and of what is overdue."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from capture import clock
from capture.access import Role
from capture.corrections import service as corrections
from capture.entry import reads as entries
from capture.entry import service as entry
from capture.ledger.verify import verify_study
from capture.participants import reads as people
from capture.participants import service as participants
from capture.web.request_context import Services
from forms.evaluation_scope import Place
from tests.support.builders import Visitor, make_user
from tests.support.dashboards import at, table_on
from tests.support.entries import FULL_VITALS, VITALS, Desk
from tests.support.randomising import definition
from tests.support.trial import GIST, Trial, make_actor, make_trial

PAGE = f"/studies/{GIST}/dashboard/forms"
CSV = f"{PAGE}/csv"
SignIn = Callable[..., Visitor]
HAEMATOLOGY = Place("baseline", 1, "haematology")


@pytest.fixture
def trial(app: Flask) -> Trial:
    services: Services = app.extensions["sarcomere"]
    return make_trial(services.database, services.concealment)


@pytest.fixture
def desk(trial: Trial) -> Desk:
    """Somebody screened on 2 March 2026: the window of the baseline closes on 30 March."""
    return Desk(trial, trial.enrolled())


def visitor(
    app: Flask, sign_in: SignIn, day: str, role: Role = Role.MONITOR, *sites: str
) -> Visitor:
    email = f"{role.value}{len(sites)}@unit.example"
    make_user(app.extensions["sarcomere"], email=email, role=role, study=GIST, sites=sites or None)
    with clock.running_at(at(day)):
        return sign_in(email)


def agrees(trial: Trial) -> bool:
    with trial.database.reading() as connection:
        return verify_study(connection, trial.concealment, GIST).findings == []


def begin(desk: Desk, day: str, instrument: str, item: str, value: str = "2026-03-02") -> None:
    """Save one date of a form on a day."""
    desk.on(day).save({item: value}, Place("baseline", 1, instrument))


def test_how_late_a_form_was_begun_goes_by_the_end_of_its_window(
    app: Flask, trial: Trial, desk: Desk, sign_in: SignIn
) -> None:
    desk.save(FULL_VITALS, VITALS)
    begin(desk, "2026-03-30", "demography", "sex", "female")  # the last day
    begin(desk, "2026-03-31", "performance_status", "ps_date")  # 1 day late
    begin(desk, "2026-04-06", "haematology", "haem_date")  # 7
    begin(desk, "2026-04-07", "biochemistry", "bioc_date")  # 8
    desk.on("2026-04-29").not_do(Place("baseline", 1, "imaging"))  # 30
    begin(desk, "2026-04-30", "imatinib_history", "imatinib_start", "2023-03-01")  # 31
    desk.on("2026-04-30").save({"haem_date": "2026-03-03"}, HAEMATOLOGY)  # changes nothing

    found = table_on(visitor(app, sign_in, "2026-05-01"), f"{CSV}/timeliness", "2026-05-01")

    assert found["Vital signs"] == ["1", "1", "0", "0", "0", "100 %"]
    assert found["Demography"][:3] == ["1", "1", "0"]
    assert found["Performance status"] == ["1", "0", "1", "0", "0", "0 %"]
    assert found["Haematology"] == ["1", "0", "1", "0", "0", "0 %"]
    assert found["Biochemistry"] == ["1", "0", "0", "1", "0", "0 %"]
    assert found["Imaging"] == ["1", "0", "0", "1", "0", "0 %"]
    assert found["All forms"] == ["7", "2", "2", "2", "1", "28 %"]
    assert agrees(trial)


def test_expected_is_what_was_begun_or_not_done_or_is_overdue(
    app: Flask, trial: Trial, desk: Desk, sign_in: SignIn
) -> None:
    desk.save(FULL_VITALS, VITALS)
    begin(desk, "2026-03-02", "demography", "sex", "female")
    desk.not_do(HAEMATOLOGY)
    monitor = visitor(app, sign_in, "2026-03-30")
    keeper = visitor(app, sign_in, "2026-03-31", Role.DATA_MANAGER)

    in_time = table_on(monitor, f"{CSV}/completeness", "2026-03-30")
    after = table_on(keeper, f"{CSV}/completeness", "2026-03-31")

    # Expected, entered, complete, in progress, not done, overdue, entered of expected.
    assert in_time["Vital signs"] == ["1", "1", "1", "0", "0", "0", "100 %"]
    assert in_time["Demography"] == ["1", "1", "0", "1", "0", "0", "100 %"]
    assert in_time["Haematology"] == ["1", "0", "0", "0", "1", "0", "0 %"]
    assert in_time["Biochemistry"] == ["0", "0", "0", "0", "0", "0", ""]
    assert after["Haematology"] == in_time["Haematology"]
    assert after["Biochemistry"] == ["1", "0", "0", "0", "0", "1", "0 %"]
    # Nine forms belong to the baseline; those of three are accounted for.
    assert after["All forms"] == ["9", "2", "1", "1", "1", "6", "22 %"]


def test_the_forms_of_a_visit_not_done_are_not_done(
    app: Flask, trial: Trial, desk: Desk, sign_in: SignIn
) -> None:
    with trial.database.reading() as connection:
        (baseline,) = [
            one for one in people.list_visits(connection, desk.person.id) if one.slug == "baseline"
        ]
    with trial.acting() as tx:
        participants.not_do_visit(tx, GIST, desk.person.id, baseline.id, reason="Moved abroad")

    found = table_on(visitor(app, sign_in, "2026-06-01"), f"{CSV}/completeness", "2026-06-01")

    assert found["Vital signs"] == ["1", "0", "0", "0", "1", "0", "0 %"]
    assert found["All forms"] == ["9", "0", "0", "0", "9", "0", "0 %"]


def test_a_form_entered_in_error_is_overdue_again_and_counts_once_it_is_taken_back(
    app: Flask, trial: Trial, desk: Desk, sign_in: SignIn
) -> None:
    desk.save(FULL_VITALS, VITALS)
    found = desk.stored(VITALS)
    late = desk.trial.on("2026-06-01")
    with late.acting() as tx:
        entry.strike_entry(
            tx, definition(trial), 1, desk.person.id, found.id, version=1, reason="Another's notes"
        )
    browser = visitor(app, sign_in, "2026-06-02")

    struck = table_on(browser, f"{CSV}/completeness", "2026-06-02")
    untimely = table_on(browser, f"{CSV}/timeliness", "2026-06-02")
    with trial.database.reading() as connection:
        (kept,) = entries.list_struck(connection, desk.person.id)
    with late.acting() as tx:
        entry.reinstate_entry(
            tx, definition(trial), 1, desk.person.id, kept.id, reason="It was hers after all"
        )
    back = table_on(browser, f"{CSV}/completeness", "2026-06-02")
    timely = table_on(browser, f"{CSV}/timeliness", "2026-06-02")

    assert struck["Vital signs"] == ["1", "0", "0", "0", "0", "1", "0 %"]
    assert untimely["All forms"][0] == "0"
    assert back["Vital signs"] == ["1", "1", "1", "0", "0", "0", "100 %"]
    assert timely["Vital signs"] == ["1", "1", "0", "0", "0", "100 %"]
    assert agrees(trial)


def test_somebody_entered_in_error_counts_nowhere(
    app: Flask, trial: Trial, desk: Desk, sign_in: SignIn
) -> None:
    desk.save(FULL_VITALS, VITALS)
    with trial.acting() as tx:
        corrections.strike_participant(tx, definition(trial), desk.person.id, reason="Invented")

    found = table_on(visitor(app, sign_in, "2026-06-01"), f"{CSV}/completeness", "2026-06-01")

    assert found["All forms"] == ["0", "0", "0", "0", "0", "0", ""]


def test_after_a_move_what_was_entered_stays_and_what_is_overdue_goes_along(
    app: Flask, trial: Trial, desk: Desk, sign_in: SignIn
) -> None:
    desk.save(FULL_VITALS, VITALS)
    with trial.acting(make_actor(Role.DATA_MANAGER)) as tx:
        participants.move(
            tx,
            GIST,
            desk.person.id,
            participants.SiteTransfer("harbourside", "northfield", "2026-03-02", "Moved house"),
        )

    browser = visitor(app, sign_in, "2026-04-01")
    sites = table_on(browser, f"{CSV}/completeness-sites", "2026-04-01")
    both = table_on(browser, f"{CSV}/completeness-sites-forms", "2026-04-01", keys=2)

    assert sites["Northfield Hospital"] == ["1", "1", "1", "0", "0", "0", "100 %"]
    assert sites["Harbourside Cancer Institute"] == ["8", "0", "0", "0", "0", "8", "0 %"]
    assert sites["All these sites"] == ["9", "1", "1", "0", "0", "8", "11 %"]
    assert both["Northfield Hospital/Vital signs"][0] == "1"
    assert both["Harbourside Cancer Institute/Haematology"][5] == "1"


def test_a_person_of_one_site_is_told_of_that_site_alone(
    app: Flask, trial: Trial, desk: Desk, sign_in: SignIn
) -> None:
    desk.save(FULL_VITALS, VITALS)
    here = visitor(app, sign_in, "2026-06-01", Role.NURSE, "northfield")
    there = visitor(app, sign_in, "2026-06-01", Role.MONITOR, "redgum")

    for name in ("completeness", "timeliness"):
        assert table_on(here, f"{CSV}/{name}", "2026-06-01")["All forms"][0] != "0"
        assert table_on(there, f"{CSV}/{name}", "2026-06-01")["All forms"][0] == "0"
    assert list(table_on(there, f"{CSV}/completeness-sites", "2026-06-01")) == [
        "Redgum Bay Hospital",
        "All these sites",
    ]


def test_somebody_blinded_sees_the_same_whichever_arm_somebody_is_in(
    app: Flask, trial: Trial, desk: Desk, sign_in: SignIn
) -> None:
    """The visits of one arm are overdue, entered and late: the blinded page stays what it was."""
    blinded = visitor(app, sign_in, "2026-07-01", Role.STATISTICIAN)
    nurse = visitor(app, sign_in, "2026-07-01", Role.NURSE, "northfield")
    names = [
        f"{kind}{part}"
        for kind in ("completeness", "timeliness")
        for part in ("", "-sites", "-sites-forms")
    ]

    def seen(browser: Visitor) -> list[str]:
        with clock.running_at(at("2026-07-01")):
            page = browser.get(PAGE).text
            files = [browser.get(f"{CSV}/{name}").text for name in names]
        return [page[page.index("<main") :], *files]

    before, told = seen(blinded), table_on(nurse, f"{CSV}/completeness", "2026-07-01")
    trial.allocate(desk.person, "IM60")
    drug = Place("drug_m1", 1, "haematology")
    desk.on("2026-06-20").save({"haem_date": "2026-04-01"}, drug)
    after = table_on(nurse, f"{CSV}/completeness", "2026-07-01")

    assert seen(blinded) == before
    assert "would tell you of it" in before[0]
    assert "Imatinib treatment" not in before[0]
    # The nurse is told: month 1 entered; of month 3, due by 15 June, all is overdue.
    assert [int(one) for one in told["Haematology"][:6]] == [1, 0, 0, 0, 0, 1]
    assert [int(one) for one in after["Haematology"][:6]] == [3, 1, 0, 1, 0, 2]
    assert "Imatinib treatment" in after


def test_the_drawings_say_their_numbers_in_words(
    app: Flask, trial: Trial, desk: Desk, sign_in: SignIn
) -> None:
    desk.save(FULL_VITALS, VITALS)
    browser = visitor(app, sign_in, "2026-06-01")

    with clock.running_at(at("2026-06-01")):
        page = browser.get(PAGE).text

    assert "overdue 1; Vital signs: Complete 1." in page
    assert "Northfield Hospital: Complete 1, overdue 8." in page
    assert "Vital signs: In the window 1." in page


def test_an_empty_study_has_its_forms_counted_too(
    app: Flask, trial: Trial, sign_in: SignIn
) -> None:
    browser = visitor(app, sign_in, "2026-03-02")

    with clock.running_at(at("2026-03-02")):
        assert browser.get(PAGE).status_code == 200
        assert browser.get(f"{CSV}/no-such-table").status_code == 404
        assert browser.get(f"{CSV}/by-site").status_code == 404
