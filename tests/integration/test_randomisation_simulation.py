"""The design screen: figures of the concealed design for its statistician alone, nothing stored."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from capture.access import Role
from capture.ledger.tables import ledger
from capture.web.request_context import Services
from tests.support.builders import Visitor, make_user
from tests.support.designed import CHEMOTHERAPY, CT1A, INDUCTION, JV02, add_designed_studies
from tests.support.randomising import DURATION, activate
from tests.support.randomising_pages import running_trial
from tests.support.trial import GIST, Trial
from tests.support.uploading import activate_list, list_of, take_lists

URL = f"/studies/{GIST}/randomisations/{DURATION}/simulation"
SENT = {
    "simulate-people": "40",
    "simulate-trials": "50",
    "simulate-sites": "northfield: 3\nfjordvik: 1",
    "simulate-levels_tumour_site": "gastric: 2\nother: 1",
    "simulate-levels_rupture": "ruptured: 1\nintact: 9",
}


@pytest.fixture
def trial(services: Services) -> Trial:
    made = running_trial(services, is_active=False)
    for role in Role:
        make_user(services, email=f"{role.value}@unit.example", name=role.label, role=role)
    return made


@pytest.fixture
def unblinded(trial: Trial, sign_in: Callable[..., Visitor]) -> Visitor:
    return sign_in("unblinded_statistician@unit.example")


def cells(page: str, table: str) -> dict[str, list[str]]:
    """The rows of a table: first cell to the others."""
    body = re.search(rf'<table[^>]* id="{table}">.*?</table>', page, re.DOTALL)
    assert body, f"no table {table}"
    rows = re.findall(r"<tr.*?</tr>", body[0], re.DOTALL)
    found = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in rows]
    return {row[0]: row[1:] for row in found}


def columns(page: str) -> list[str]:
    head = re.search(r'id="comparison".*?<thead.*?</thead>', page, re.DOTALL)
    assert head
    return re.findall(r"<th[^>]*>(.*?)</th>", head[0])[1:]


def ledgered(trial: Trial) -> int:
    with trial.database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(ledger)).scalar_one()


def test_the_design_in_force_is_shown_before_anything_is_typed(
    trial: Trial, unblinded: Visitor
) -> None:
    activate(trial, design={"sizes": [4, 6]})
    page = unblinded.get(URL).text

    assert columns(page) == ["Version 1 (active)"]
    assert "1,000 simulated trials of 255 participants each" in page
    assert (
        "Permuted blocks; sizes 4, 6; weights 1, 1; strata: tumour_site, rupture, country" in page
    )
    # 255 people in 20 strata: 12.75 in each, more than the mean block.
    assert "There are no warnings about this design." in page


def test_figures_are_exact_where_every_case_can_be_counted(
    trial: Trial, unblinded: Visitor
) -> None:
    # One stratum, blocks of 4, 40 people: 17/24 guessed, a third certain, never any difference.
    design = {"simulate-second": "sizes: [4]\nstrata: []"}
    rows = cells(unblinded.post(URL, SENT | design).text, "comparison")

    assert rows["Next arm guessed correctly: counting a stratum at all sites"] == ["70.8 %"]
    assert rows["Arm known for certain: also knowing each block&#39;s size"] == ["33.3 %"]
    assert rows["Difference between the arms, all participants: SD"] == ["0"]
    assert rows["Strata that never complete a block"] == ["0"]
    assert rows["Largest departure of an arm&#39;s chance from its share"] == [
        "none among the first 12"
    ]


def test_designs_stand_side_by_side_with_what_speaks_against_each(
    trial: Trial, unblinded: Visitor
) -> None:
    activate(trial, design={"sizes": [4]})
    others = {
        "simulate-second": "sizes: [2]",
        "simulate-third": "method: minimisation\nmeasure: range\np: 1/1",
    }
    page = unblinded.post(URL, SENT | others | {"simulate-people": "24"}).text

    assert columns(page) == ["Version 1 (active)", "First typed design", "Second typed design"]
    assert "Too many strata: 24 participants in 8 strata" in page  # two countries have the sites
    assert "One fixed block size, 4, with strata by site in an open-label trial" in page
    assert "A block of 2 is the smallest possible" in page
    assert "No random element: with p = 1" in page
    assert len(cells(page, "levels")) == 1 + 2 + 2 + 2
    assert set(cells(page, "sites")) == {"Site", "northfield", "fjordvik"}
    assert page.count("<svg") - unblinded.get("/").text.count("<svg") >= 4


def test_without_a_design_blocks_of_4_and_6_are_offered(trial: Trial, unblinded: Visitor) -> None:
    page = unblinded.get(URL).text

    assert "sizes: [4, 6]</textarea>" in page
    assert "No design is waiting for activation or active." in page
    assert "sizes: [4, 6]" in unblinded.get(URL.removesuffix("/simulation")).text


def test_nothing_is_stored_and_no_key_is_opened(
    trial: Trial, unblinded: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    activate(trial, design={"sizes": [4, 6]})
    before = ledgered(trial)

    def refuse(*_: object) -> None:
        raise AssertionError("the design screen opened a key")

    monkeypatch.setattr("capture.randomisation.reads.get_opened_design", refuse)
    monkeypatch.setattr("capture.randomisation.reads.find_locked_active_design", refuse)
    monkeypatch.setattr("randomiser.draw.Stream", refuse)
    first, again = (unblinded.post(URL, SENT).text for _ in range(2))

    assert cells(first, "comparison") == cells(again, "comparison")
    assert ledgered(trial) == before


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.UNBLINDED])
def test_nobody_else_reaches_the_screen(
    trial: Trial, sign_in: Callable[..., Visitor], role: Role
) -> None:
    activate(trial, design={"sizes": [86, 98]})
    visitor = sign_in(f"{role.value}@unit.example")

    for answer in (visitor.get(URL), visitor.post(URL, SENT)):
        assert answer.status_code in {403, 404}
        assert re.search(r"\b(86|98)\b", answer.text) is None
    if role is Role.TRIAL_MANAGER:
        assert "simulation" not in visitor.get(URL.removesuffix("/simulation")).text


@pytest.mark.parametrize(
    "changed, control, words",
    [
        ({"people": ""}, "people", "Give a whole number from 1 to 10,000."),
        ({"people": "many"}, "people", "Give a whole number from 1 to 10,000."),
        ({"people": "9" * 5_000}, "people", "Give a whole number from 1 to 10,000."),
        ({"trials": "0"}, "trials", "Give a whole number from 1 to 75,000."),
        ({"trials": "75001"}, "trials", "Give a whole number from 1 to 75,000."),
        ({"sites": ""}, "sites", "No line has a number above 0; give at least one."),
        ({"sites": "northfield 3"}, "sites", "is not a name, a colon and a whole number"),
        ({"sites": "northfield: ³"}, "sites", "is not a name, a colon and a whole number"),
        ({"sites": "northfield: 1\nnorthfield: 2"}, "sites", "northfield is there twice"),
        ({"sites": "nowhere: 1"}, "sites", "The study has no site"),
        ({"levels_rupture": "intact: -1"}, "levels_rupture", "is not a name, a colon and a whole"),
        ({"levels_rupture": "broken: 1"}, "sites", "rupture: the design has no level"),
        ({"second": "sizes: [3]"}, "second", "Block size 3 is not a multiple of 2"),
        ({"second": "sizes: [4"}, "second", "This is not YAML"),
        ({"third": "method: luck"}, "third", "cannot be simulated; choose"),
        ({"third": "strata: [luck]\nsizes: [4]"}, "third", "strata: list factors of the study"),
    ],
)
def test_what_cannot_be_is_named_at_its_control_and_kept(
    trial: Trial, unblinded: Visitor, changed: dict[str, str], control: str, words: str
) -> None:
    activate(trial, design={"sizes": [4, 6]})
    typed = {f"simulate-{name}": text for name, text in changed.items()}
    answer = unblinded.post(URL, SENT | typed)

    assert answer.status_code == 422
    assert f'href="#simulate-{control}"' in answer.text
    assert words in answer.text
    assert "northfield: 3" in answer.text or "sites" in changed


def test_minimisation_is_shown_with_its_factors(services: Services, unblinded: Visitor) -> None:
    add_designed_studies(services, "unblinded_statistician@unit.example")
    page = unblinded.get(f"/studies/{CT1A}/randomisations/{INDUCTION}/simulation").text
    rows = cells(page, "comparison")

    assert "Minimisation; measure range; p 4/5" in page
    assert "minimised: country, risk, age" in page
    assert rows["Largest departure of an arm&#39;s chance from its share"] == ["none, by symmetry"]
    assert rows["Strata that never complete a block"] == ["no blocks"]
    assert set(cells(page, "levels")) == {
        "Level",
        *("country: gb", "country: de", "country: it"),
        *("risk: metastatic", "risk: nodal_fusion_positive"),
        *("age: under_10", "age: ten_or_over"),
    }
    # Targets of the sites, as the study has them: 80 of 200 people in the first.
    assert "westbrook: 80" in page


def test_unequal_blocks_are_shown_with_each_arms_share(
    services: Services, unblinded: Visitor
) -> None:
    add_designed_studies(services, "unblinded_statistician@unit.example")
    address = f"/studies/{JV02}/randomisations/{CHEMOTHERAPY}/simulation"
    page = unblinded.get(address).text

    assert "1,000 simulated trials of 33 participants each" in page
    assert "Permuted blocks; sizes 3, 6; weights 1, 1; strata: prior_lines" in page
    assert cells(page, "positions-0")["1"] == ["66.7 %", "33.3 %"]
    # A A B, A B A and B A A are equally likely. Sure are the last, and the second after B: 4/3 of
    # 3. Right are 2/3 at the first, a half after A or all after B at the second, the last: 7/3.
    assert "A block of 3 is the smallest possible" in page
    assert "names 77.8 % of the arms correctly and knows 44.4 % for sure" in page

    urn = unblinded.post(
        address,
        {
            "simulate-people": "33",
            "simulate-trials": "20",
            "simulate-sites": "westbrook: 1",
            "simulate-levels_prior_lines": "one: 1\ntwo_or_more: 1",
            "simulate-second": "method: block_urn\nbalanced_sets: 2",
        },
    ).text
    assert "RAM has 64.0 % at number 5 of the list positions, and a share of 66.7 %" in urn


def test_nothing_of_an_uploaded_list_is_simulated_or_shown(
    trial: Trial, unblinded: Visitor
) -> None:
    take_lists(trial)
    activate_list(trial, list_of("63366363"))
    page = unblinded.get(URL)
    typed = unblinded.post(URL, SENT | {"simulate-second": "method: uploaded_list"})

    assert "Lists of this randomisation are uploaded" in page.text
    assert "Designs side by side" not in page.text
    assert "IM60" not in page.text
    assert typed.status_code == 422
    assert "cannot be simulated; choose" in typed.text
    other = unblinded.post(URL, SENT | {"simulate-second": "method: simple"})
    assert columns(other.text) == ["First typed design"]
