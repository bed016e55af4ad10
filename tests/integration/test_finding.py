"""One search box over all studies and sites; the list, its filters, and what it remembers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask

from capture import clock
from capture.access import Role
from capture.accounts.service import NewMembership
from capture.entry import service as entries
from capture.participants import service
from capture.participants.records import Participant
from capture.participants.tables import list_preference
from capture.web.request_context import Services
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.entries import VITALS
from tests.support.muscle import MUSCLE, Muscle, make_muscle
from tests.support.trial import GIST, START, Trial, make_actor, make_trial

HOME = f"/studies/{GIST}/participants"
TAGS = re.compile(r"<[^>]+>")
KEEPER = make_actor(Role.DATA_MANAGER)
SignIn = Callable[..., Visitor]


@pytest.fixture(autouse=True)
def at_start() -> Iterator[None]:
    with clock.running_at(START):
        yield


@pytest.fixture
def trial(services: Services) -> Trial:
    return make_trial(services.database, services.concealment)


@pytest.fixture
def muscle(services: Services) -> Muscle:
    return make_muscle(services.database, services.concealment, "2026-03-02")


@pytest.fixture
def nurse(trial: Trial, services: Services, sign_in: SignIn) -> Visitor:
    make_user(services, sites=("northfield",))
    return sign_in("nurse@site.example")


@pytest.fixture
def both(trial: Trial, muscle: Muscle, services: Services, sign_in: SignIn) -> Visitor:
    """A nurse of Northfield in one study and of Clydebank in another."""
    user = make_user(services, email="both@site.example", name="Bo Both", sites=("northfield",))
    new = NewMembership(user.id, Role.NURSE, ("clydebank",), "2020-01-01")
    make_membership(services, new=new, study=MUSCLE)
    return sign_in("both@site.example")


def find(visitor: Visitor, typed: str) -> str:
    """Where a search leads: the address of a person, or else the words of its page."""
    answer = visitor.get(f"/find?{urlencode({'number': typed})}")
    if answer.status_code == 302:
        return answer.location
    assert answer.status_code == 200, answer.text
    return main(answer.text)


def main(page: str) -> str:
    inner = page.partition('id="main-content"')[2].partition("</main>")[0]
    return unescape(" ".join(TAGS.sub(" ", inner.partition(">")[2]).split()))


def box(page: str) -> str:
    """What stands in the search box."""
    found = re.search(r'id="app-search"[^>]*? value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def address(person: Participant) -> str:
    return f"/studies/{person.study}/participants/{person.id}"


def listed(visitor: Visitor, query: str = "", study: str = GIST) -> list[str]:
    """The numbers in the list."""
    page = visitor.get(f"/studies/{study}/participants{query}").text
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)</a>', page)


# --- the search -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "NOR-0001",
        "nor-0001",
        "nor0001",
        " NOR 0001 ",
        "nor‑0001",
        "NOR–0001",
        "NOR-S-0001",
        "s0001",
    ],
)
def test_a_number_leads_to_its_person_however_it_is_typed(
    nurse: Visitor, trial: Trial, typed: str
) -> None:
    person = trial.enrolled()
    trial.screen()

    assert find(nurse, typed) == address(person)


def test_a_whole_number_leads_there_though_it_is_part_of_others(
    nurse: Visitor, trial: Trial
) -> None:
    person, other = trial.enrolled(), trial.enrolled(sex="male")
    with trial.acting() as tx:
        for one, number in ((other, "NOR-10001"), (person, "NOR-1000")):
            seen = one.participant_number or ""
            service.renumber(tx, GIST, one.id, kind="participant_number", seen=seen,
                             number=number, reason="Misread")  # fmt: skip

    assert find(nurse, "nor1000") == address(person)
    assert "2 participants have “NOR-100” in a number." in find(nurse, "NOR-100")


def test_a_former_number_leads_to_its_person_and_is_said_in_a_list(
    nurse: Visitor, trial: Trial
) -> None:
    person = trial.enrolled()
    with trial.acting() as tx:
        service.renumber(tx, GIST, person.id, kind="participant_number", seen="NOR-0001",
                         number="NOR-0077", reason="Misread")  # fmt: skip
    trial.screen()

    assert find(nurse, "nor-0001") == address(person)
    assert "NOR-0077 NOR-S-0001" in find(nurse, "NOR")
    assert "formerly" not in find(nurse, "NOR")


def test_one_search_goes_over_both_studies_and_names_study_site_and_status(
    both: Visitor, trial: Trial, muscle: Muscle
) -> None:
    trial.enrolled()
    person = muscle.enrolled()

    found = find(both, "0001")

    assert "2 participants have “0001” in a number." in found
    assert (
        "NOR-0001 NOR-S-0001 Registered Active Northfield Hospital GIST imatinib 3 or 5 years"
        in found
    )
    assert "CLY-0001 CLY-S-0001 Registered Active Clydebank Hospital Muscle demo" in found
    assert find(both, "cly") == address(person)


def test_nobody_of_another_site_or_study_is_found_or_counted(
    nurse: Visitor, trial: Trial, muscle: Muscle
) -> None:
    elsewhere = trial.screen("harbourside", make_actor(Role.NURSE, "harbourside"))
    stranger = muscle.enrolled()
    mine = trial.screen()

    assert find(nurse, "0001") == address(mine)
    for number in (elsewhere.number, stranger.number, "HAR", "CLY"):
        assert "Nobody at your sites has" in find(nurse, number)
    unlike = find(nurse, "ZZZ").replace("ZZZ", elsewhere.number)
    assert find(nurse, elsewhere.number) == unlike


@pytest.mark.parametrize(
    "typed, words",
    [
        ("", "Type a participant number"),
        ("   ", "Type a participant number"),
        ("-", "Type a participant number"),
        ("%", "“%” is in no number"),
        ("_", "“_” is in no number"),
        ("\\", "“\\” is in no number"),
        ("NOR%", "“NOR%” is in no number"),
        ("' OR 1=1 --", "is in no number"),
        ("<script>alert(1)</script>", "is in no number"),
        ("\U0001f9ec", "“\U0001f9ec” is in no number"),
        ("ſ", "“ſ” is in no number"),
        ("x" * 500, "You typed 500 characters. No participant number is that long."),
        ("QQQ", "Nobody at your sites has “QQQ” in a number."),
    ],
)
def test_whatever_is_typed_is_answered_in_words_and_stays_in_the_box(
    nurse: Visitor, trial: Trial, typed: str, words: str
) -> None:
    trial.enrolled()

    page = nurse.get(f"/find?{urlencode({'number': typed})}")

    assert page.status_code == 200
    assert words in main(page.text)
    assert box(page.text) == typed
    assert "NOR-" not in main(page.text).replace("nor-", "")
    assert "<script>alert" not in page.text


def test_more_than_500_letters_are_clipped_in_the_box_with_words(nurse: Visitor) -> None:
    page = nurse.get(f"/find?number={'x' * 501}").text

    assert box(page) == "x" * 500
    assert "You typed 501 characters." in main(page)
    assert "The box holds the first 500 of them." in main(page)


@pytest.mark.parametrize("raw", ["%00", "%ff", "NOR%00"])
def test_what_is_no_text_is_refused_in_words(nurse: Visitor, raw: str) -> None:
    answer = nurse.get(f"/find?number={raw}")

    assert answer.status_code == 400
    assert "holds a character that cannot be stored" in answer.text


def test_many_hits_are_cut_with_words(nurse: Visitor, trial: Trial) -> None:
    with trial.acting() as tx:
        for _ in range(51):
            service.screen(tx, GIST, "northfield", service.Screening(trial.today))

    assert "The first 50 of 51 participants. Type more of the number" in find(nurse, "NOR")


def test_the_box_is_on_the_pages_of_whoever_sees_participants(
    both: Visitor, services: Services, sign_in: SignIn
) -> None:
    make_user(services, email="stat@site.example", role=Role.STATISTICIAN)

    for path in ("/", "/account", "/studies", HOME):
        assert box(both.get(path).text) == ""
    assert 'id="app-search"' not in sign_in("stat@site.example").get("/").text
    assert sign_in("stat@site.example").get("/find?number=NOR").status_code == 403


def test_statements_of_a_search_do_not_grow_with_the_hits(
    app: Flask, nurse: Visitor, trial: Trial
) -> None:
    few = statements(app, nurse, "/find?number=QQQ")
    with trial.acting() as tx:
        for _ in range(30):
            service.screen(tx, GIST, "northfield", service.Screening(trial.today))

    # The one more than for nobody found: who moved away is then not asked for.
    assert statements(app, nurse, "/find?number=NOR") <= few


def statements(app: Flask, visitor: Visitor, path: str) -> int:
    """How many statements a page takes."""
    seen: list[str] = []
    engine = app.extensions["sarcomere"].database.engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    visitor.get(path)
    sa.event.listen(engine, "before_cursor_execute", note)
    assert visitor.get(path).status_code == 200
    sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)


# --- the list -------------------------------------------------------------------------------------


def test_statements_of_the_list_do_not_grow_with_its_people(
    app: Flask, nurse: Visitor, trial: Trial
) -> None:
    trial.enrolled()
    few = statements(app, nurse, HOME)
    for year in range(1930, 1942):
        trial.enrolled(birth_date=f"{year}-05-14")

    assert statements(app, nurse, HOME) == few <= 14


def test_list_filters_by_arm_for_who_sees_arms(nurse: Visitor, trial: Trial) -> None:
    short, long = trial.enrolled(), trial.enrolled(sex="male")
    trial.allocate(short, "IM36")
    trial.allocate(long, "IM60")

    assert listed(nurse, "?arm=duration.IM36") == [short.number]
    assert listed(nurse, "?arm=duration.IM60") == [long.number]
    assert "5 years (continue imatinib)" in nurse.get(HOME).text


def test_a_masked_reader_can_neither_filter_by_an_arm_nor_see_one(
    nurse: Visitor, trial: Trial, services: Services, sign_in: SignIn
) -> None:
    people = [trial.enrolled(), trial.enrolled(sex="male")]
    for person, arm in zip(people, ("IM36", "IM60"), strict=True):
        trial.allocate(person, arm)
    masked = masked_reader(services, sign_in, GIST)
    numbers = [one.number for one in people]

    for query in ("?arm=duration.IM36", "?arm=duration.IM60", "?cohort=x", "?attention=query"):
        page = masked.get(f"{HOME}{query}").text
        assert listed(masked, query) == numbers
        assert "This list has no filter" in page
        assert not re.search(r"IM60<|continue imatinib|stop imatinib|Treatment|filter-arm", page)


def masked_reader(services: Services, sign_in: SignIn, study: str) -> Visitor:
    user = make_user(services, email="masked@other.example", name="Mo Masked", role=None)
    new = NewMembership(user.id, Role.NURSE, None, "2020-01-01", masked=True)
    make_membership(services, new=new, study=study)
    return sign_in("masked@other.example")


def test_list_filters_by_what_was_typed_and_not_saved(nurse: Visitor, trial: Trial) -> None:
    mine, others = trial.enrolled(), trial.enrolled(sex="male")
    colleague = make_actor(Role.INVESTIGATOR, "northfield")
    with trial.acting(colleague) as tx:
        entries.keep_draft(
            tx.connection, colleague, others, VITALS, {"weight_kg": ["7"]}, entry_version=0
        )

    assert listed(nurse, "?attention=draft") == []
    with clock.running_at(START.replace(day=4)):
        assert listed(sign_in_again(nurse), "?attention=draft") == [others.number]
    assert mine.number in listed(nurse)


def sign_in_again(visitor: Visitor) -> Visitor:
    visitor.sign_in("nurse@site.example")
    return visitor


def test_list_filters_by_appointment(nurse: Visitor, trial: Trial) -> None:
    person, _other = trial.enrolled(), trial.enrolled(sex="male")
    with trial.acting() as tx:
        visit = service.add_visit(tx, GIST, person.id, slug="unscheduled", date="2026-03-02")
        service.appoint(tx, GIST, person.id, visit.id, "2026-04-30")

    assert listed(nurse, "?attention=appointment") == [person.number]


@pytest.mark.parametrize("size", ["25", "50", "100"])
def test_page_size_is_a_choice(nurse: Visitor, trial: Trial, size: str) -> None:
    with trial.acting() as tx:
        for _ in range(60):
            service.screen(tx, GIST, "northfield", service.Screening(trial.today))

    assert len(listed(nurse, f"?size={size}")) == min(60, int(size))
    if size == "25":
        page = nurse.get(f"{HOME}?size=25&page=3").text
        assert "60 participants, page 3 of 3" in main(page)
        assert "size=25" in page


def test_what_the_list_does_not_offer_is_said_and_left_out(nurse: Visitor, trial: Trial) -> None:
    person = trial.enrolled()

    page = nurse.get(f"{HOME}?status=sleeping&size=7").text

    assert listed(nurse, "?status=sleeping&size=7") == [person.number]
    assert "This list has no filter “sleeping”, “7”. It was ignored." in main(page)


def test_a_filter_that_leaves_nobody_says_so_and_leads_back(nurse: Visitor, trial: Trial) -> None:
    trial.enrolled()

    page = nurse.get(f"{HOME}?q=%25").text

    assert "No participants match this filter and “%”. Show all participants" in main(page)


# --- remembered choices ---------------------------------------------------------------------------


def test_choices_are_remembered_shown_and_cleared(nurse: Visitor, trial: Trial) -> None:
    screened, enrolled = trial.screen(), trial.enrolled()
    assert listed(nurse, "?status=screened&show=chosen") == [screened.number]

    page = nurse.get(HOME).text
    assert "Filter from your last visit: Participant status: In screening. Clear" in main(page)
    assert listed(nurse) == [screened.number]

    clear = re.search(r'id="remembered">.*?href="([^"]+)"', page)
    assert clear
    nurse.get(clear[1])
    assert listed(nurse) == [screened.number, enrolled.number]
    assert "Filter from your last visit" not in nurse.get(HOME).text


def test_an_address_with_a_filter_is_shown_as_it_says_and_not_remembered(
    nurse: Visitor, trial: Trial
) -> None:
    screened, enrolled = trial.screen(), trial.enrolled()

    assert listed(nurse, "?status=enrolled") == [enrolled.number]
    assert listed(nurse) == [screened.number, enrolled.number]


def test_part_of_a_number_is_not_remembered(nurse: Visitor, trial: Trial) -> None:
    people = [trial.screen(), trial.screen()]
    assert listed(nurse, "?q=0002&show=chosen") == [people[1].number]

    assert listed(nurse) == [one.number for one in people]


def test_the_next_person_at_the_computer_sees_nothing_of_what_the_first_chose(
    nurse: Visitor, trial: Trial, services: Services
) -> None:
    people = [trial.screen(), trial.enrolled()]
    listed(nurse, "?status=screened&show=chosen")
    make_user(services, email="next@site.example", name="Nia Next", sites=("northfield",))

    nurse.sign_in("next@site.example")

    assert listed(nurse) == [one.number for one in people]
    assert "Filter from your last visit" not in nurse.get(HOME).text


def test_what_was_remembered_and_may_no_longer_be_asked_is_left_out(
    nurse: Visitor, trial: Trial, services: Services, sign_in: SignIn
) -> None:
    people = [trial.enrolled(), trial.enrolled(sex="male")]
    trial.allocate(people[0], "IM36")
    masked = masked_reader(services, sign_in, GIST)
    assert listed(masked) == [one.number for one in people]
    with services.database.writing() as connection:
        user = connection.execute(
            sa.text("SELECT id FROM account WHERE email = 'masked@other.example'")
        ).scalar_one()
        choices = {"arm": "duration.IM36", "attention": "query", "size": "9000"}
        connection.execute(
            list_preference.insert().values(
                user=user, study=GIST, choices=choices, chosen_at="2026"
            )
        )

    assert listed(masked) == [one.number for one in people]
    assert "Filter from your last visit" not in masked.get(HOME).text


def test_the_study_chosen_last_is_at_hand_from_everywhere(
    both: Visitor, trial: Trial, muscle: Muscle
) -> None:
    page = both.get("/participants").text
    assert f'href="{HOME}"' in page
    assert f'href="/studies/{MUSCLE}/participants"' in page
    assert 'href="/participants"' in both.get("/").text

    listed(both, "?status=enrolled&show=chosen")
    assert both.get("/participants").location == HOME
    with clock.running_at(START.replace(minute=5)):
        listed(both, study=MUSCLE)

    assert both.get("/participants").location == f"/studies/{MUSCLE}/participants"
    assert f'href="{HOME}"' in both.get(f"/studies/{MUSCLE}/participants").text


# --- a participant moved twice in a day -----------------------------------------------------------


def test_somebody_moved_twice_in_a_day_is_found_at_each_site_in_turn(
    trial: Trial, services: Services, sign_in: SignIn
) -> None:
    person = trial.enrolled()
    visitors = {}
    for site in ("northfield", "harbourside"):
        make_user(services, email=f"{site}@site.example", name=f"At {site}", sites=(site,))
        visitors[site] = sign_in(f"{site}@site.example")
    expect_at(visitors, person, "northfield")
    for there, here in (("harbourside", "northfield"), ("northfield", "harbourside")):
        move(trial, person, here, there)
        expect_at(visitors, person, there)

    left = find(visitors["harbourside"], person.number)
    assert "Nobody at your sites has" in left
    assert "who moved to another site" in left


def move(trial: Trial, person: Participant, here: str, there: str) -> None:
    with trial.acting(KEEPER) as tx:
        service.move(
            tx, GIST, person.id, service.SiteTransfer(there, here, "2026-03-02", "Moved house")
        )


def expect_at(visitors: dict[str, Visitor], person: Participant, site: str) -> None:
    """The list, the search and home name the person at this site alone."""
    for slug, visitor in visitors.items():
        is_here = slug == site
        assert (listed(visitor) == [person.number]) is is_here
        assert (find(visitor, person.number) == address(person)) is is_here
        assert (person.number in main(visitor.get("/").text)) is is_here
        assert (visitor.get(address(person)).status_code == 200) is is_here
