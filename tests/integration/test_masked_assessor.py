"""The masked assessor of the leg study enters assessments and is told of nobody's operation."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from flask import Flask

from capture import clock
from capture.access import Role
from capture.accounts.service import NewMembership
from capture.cohorts.service import CohortEvidence, correct_cohort
from capture.entry.service import keep_draft
from capture.entry.tables import entry
from capture.participants import reads as people
from capture.web.request_context import EXTENSION, Services
from forms.definition import Instrument
from forms.evaluation_scope import Place
from tests.support.builders import Visitor, make_membership, make_user
from tests.support.crawler import Walk
from tests.support.leg_scores import items
from tests.support.legs import LEGS, OPERATION, RECOVERY, SITE, Legs, at, enrolled, leg_stage
from tests.support.page_reading import PageRead
from tests.support.trial import make_actor

CONSENT, SEEN, LATER = "2025-02-03", "2025-10-01", "2025-12-01"
GROUPS = ("transfer", "no_transfer")
HOME = f"/studies/{LEGS}"
READERS = (Role.NURSE, Role.DATA_MANAGER)
LEFS = {"lefs_date": SEEN, "lefs_mode": "paper", "lefs_by": "self", **items("lefs", (20, "3"))}
FLAP = {
    "comp_date": SEEN,
    "comp_kind": "flap",
    "comp_grade": "3",
    "comp_reoperated": "yes",
    "comp_serious": "no",
}
RECURRED = {"leg_recurrence_date": "2025-11-20", "leg_recurrence_by": "imaging"}
OF_THE_STUDY = ("MANIFEST.json", "codelists.csv")
"""They say what the study has and what was left out, the same of everybody."""
RIGHTS = "/roles"
"""The page of rights names cohorts as such, to everybody."""
HIDDEN = ("surgery_record", "recovery", "complications", "leg_recurrence")
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32,}")
CUT = re.compile("find=|/redactions/ask/")
"""Pages of which the walk looks at the first alone, so not at the same of both people."""
TOKENS = re.compile(r'name="(?:csrf_token|request_id)" value="[^"]*"|&#34;now&#34;:&#34;[^&]+&#34;')
LINES = re.compile(r"\n|(?=<tr)|(?=</tbody)")


@dataclass
class Assessor:
    """Two people who differ in nothing but the operation and what came of it, and who reads."""

    app: Flask
    by_group: dict[str, Legs]

    def walk(self, role: Role, *, masked: bool = True) -> Walk:
        """Everything that somebody finds, from home and from every filter and search."""
        visitor = Visitor(self.app)
        assert visitor.sign_in(_email(role, masked=masked)).status_code == 303
        numbers = [one.person.number for one in self.by_group.values()]
        more = [f"{HOME}/participants?attention={one}" for one in ("due", "overdue", "query")]
        more += [f"{HOME}/participants?cohort={group}" for group in GROUPS]
        more += [f"{HOME}/participants?find={word}" for word in (*numbers, "transfer", "flap")]
        return Walk(self.app, visitor, most=60).from_home(*more)


def _email(role: Role, *, masked: bool) -> str:
    return f"{role.value.replace('_', '-')}.{'masked' if masked else 'open'}@site.example"


@pytest.fixture
def assessor(app: Flask) -> Iterator[Assessor]:
    services: Services = app.extensions[EXTENSION]
    stage = leg_stage(services, CONSENT)
    with clock.running_at(at(CONSENT)):
        for role in READERS:
            for masked in (True, False):
                _account(services, role, masked=masked)
    births = zip(GROUPS, ("1971-08-30", "1971-08-31"), strict=True)
    found = {group: enrolled(stage, CONSENT, born) for group, born in births}
    for group, person in found.items():
        _operated(person, transferred=group == "transfer")
    _course_of_a_transfer(found["transfer"])
    with clock.running_at(at("2025-12-02")):
        yield Assessor(app, found)


def _account(services: Services, role: Role, *, masked: bool) -> None:
    user = make_user(services, email=_email(role, masked=masked), name="Kim", role=None)
    new = NewMembership(user.id, role, (SITE,), "2020-01-01", masked=masked)
    make_membership(services, new=new, study=LEGS)


def _operated(legs: Legs, *, transferred: bool) -> None:
    """Enrolled, operated on, recovered, in a cohort, and scored."""
    birth = {"birth_date": "1971-08-30", "sex": "female"}
    legs.save(CONSENT, "enrolment", "demography", birth)
    route = {"entry_route": "after", "serial_agreed": "no", "neuromuscular": "no"}
    legs.save(CONSENT, "enrolment", "leg_state", {"leg_state_date": CONSENT, **route})
    moved = {"donor_muscle": "latissimus", "transfer_type": "innervated"} if transferred else {}
    done = {"functional_transfer": "yes" if transferred else "no", **moved}
    legs.save(SEEN, "operation", "surgery_record", {**OPERATION, **done})
    legs.save(SEEN, "operation", "recovery", RECOVERY)
    legs.join(SEEN, "transfer" if transferred else "no_transfer")
    legs.save(SEEN, "assessment", "lefs", LEFS)


def _course_of_a_transfer(legs: Legs) -> None:
    """A lost flap, a draft about it, a recurrence, and a cohort corrected there and back."""
    legs.save(SEEN, "log", "complications", FLAP)
    colleague = make_actor(Role.INVESTIGATOR, SITE, study=LEGS)
    with clock.running_at(at(SEEN)), legs.stage.services.database.writing() as connection:
        place = Place("operation", 1, "surgery_record")
        typed = {"donor_muscle": ["gracilis"]}
        keep_draft(connection, colleague, legs.person, place, typed, entry_version=1)
    for group, value in (("no_transfer", "no"), ("transfer", "yes")):
        form = {"functional_transfer": value}
        legs.save(LATER, "operation", "surgery_record", form, "Read again")
        with clock.running_at(at(LATER)), legs.stage.acting(Role.NURSE, SITE) as tx:
            said = CohortEvidence(group, SEEN, f"Note {group}")
            correct_cohort(tx, legs.stage.study, legs.person.id, said, reason="Flap read again")


def told(assessor: Assessor) -> re.Pattern[str]:
    """What would tell the operation: titles of cohorts, of forms about it, and what they ask."""
    study = next(iter(assessor.by_group.values())).stage.study
    forms = [one for one in study.instruments if one.name in HIDDEN]
    shown = [one for one in study.instruments if one.name not in HIDDEN]
    words = {cohort.title for cohort in study.cohorts} | {form.title for form in forms}
    words |= _asked(forms) - _asked(shown)
    words |= {"no_transfer", "Note transfer", "Flap read again", "Latissimus", "Loss of the flap"}
    words |= {"Surgery and recovery", "entry_route", "Cohort:", ">Cohort<"}
    return re.compile("|".join(sorted((re.escape(one) for one in words if len(one) > 5), key=len)))


def _asked(forms: list[Instrument]) -> set[str]:
    """The names and labels of what forms ask; a label of one word stands in other places too."""
    found = [leaf for form in forms for item in form.items for leaf in item.leaves()]
    labels = {str(getattr(leaf, "label", "")) for leaf in found}
    return {leaf.name for leaf in found} | {label for label in labels if " " in label}


def plain(assessor: Assessor, text: str) -> str:
    """A page without the study's own name, in which the name of a cohort stands."""
    study = next(iter(assessor.by_group.values())).stage.study
    for name in (study.title, study.short_title, study.slug):
        text = text.replace(name, "STUDY")
    return text


@pytest.mark.parametrize("role", READERS)
def test_no_page_tells_the_operation_by_its_words_or_by_a_difference(
    assessor: Assessor, role: Role
) -> None:
    walk, words = assessor.walk(role), told(assessor)

    found = {
        f"{page.address}: {word[0]}"
        for page in walk.pages
        if page.address != RIGHTS
        for word in words.finditer(plain(assessor, _without_address(page.answer.text)))
    }
    first, second = (dict(_of(assessor, walk, group)) for group in GROUPS)

    assert (walk.broken, len(walk.pages) > 20, len(first) > 10) == ([], True, True)
    assert found == set()
    assert "\n".join(sorted(first.keys() ^ second.keys())) == ""
    assert "\n".join(_differences(first, second)) == ""


def _without_address(text: str) -> str:
    """What the reader asked for stands in links of the page, such as the way to sign out."""
    return re.sub(
        r"(cohort|find)=(no_)?(transfer|flap)|value=\"(transfer|flap)\"|“[a-z_]+”", "", text
    )


def test_somebody_who_is_not_masked_is_shown_the_difference(assessor: Assessor) -> None:
    """The words and the comparison of the other tests would find it."""
    walk, words = assessor.walk(Role.NURSE, masked=False), told(assessor)

    assert any(words.search(plain(assessor, page.answer.text)) for page in walk.pages)
    first, second = (dict(_of(assessor, walk, group)) for group in GROUPS)
    assert any(_differences({a: first[a] for a in first.keys() & second.keys()}, second))


def _of(assessor: Assessor, walk: Walk, group: str) -> Iterator[tuple[str, str]]:
    """Each page about somebody with its text, both without what is only hers."""
    legs = assessor.by_group[group]
    person = legs.person
    with legs.stage.services.database.reading() as connection:
        visits = people.list_visits(connection, person.id)
        forms = connection.execute(sa.select(entry).where(entry.c.participant == person.id)).all()
    own = {person.id: "PERSON", person.number: "NUMBER", person.screening_number: "SCREENED"}
    own |= {one.id: f"{one.slug}-{one.occurrence}" for one in visits}
    own |= {one.id: f"{one.visit_slug}-{one.instrument}" for one in forms}
    for page in walk.pages:
        if person.id in page.address and not CUT.search(page.address):
            texts = [page.address, TOKENS.sub("", page.answer.text)]
            for word, stand_in in own.items():
                texts = [text.replace(word, stand_in) for text in texts]
            yield texts[0], IDS.sub("ID", texts[1])


def _differences(first: dict[str, str], second: dict[str, str]) -> Iterator[str]:
    for address, text in first.items():
        ours, theirs = (Counter(LINES.split(one)) for one in (text, second[address]))
        yield from (f"{address}: - {line}" for line in ours - theirs)
        yield from (f"{address}: + {line}" for line in theirs - ours)


def test_the_assessment_is_entered_without_knowing(assessor: Assessor) -> None:
    for legs in assessor.by_group.values():
        nurse = Visitor(assessor.app)
        nurse.sign_in(_email(Role.NURSE, masked=True))
        with legs.stage.services.database.reading() as connection:
            visits = {one.slug: one.id for one in people.list_visits(connection, legs.person.id)}
        at_home = f"{HOME}/participants/{legs.person.id}/visits"
        url = f"{at_home}/{visits['assessment']}/tess"
        page = PageRead(nurse.get(url).text, url)
        form = next(one for one in page.forms if "shown" in one.fields)
        answers = {"tess_mode": "paper", "tess_by": "self", **items("tess", (30, "3"))}

        answer = nurse.client.post(url, data={**form.as_sent(), "act": "save", **answers})

        assert answer.status_code == 303
        assert legs.value("assessment", "tess", "tess_score") == "50"  # 100 * (90 - 30) / 120
        for hidden in (f"{visits['operation']}/surgery_record", "log/complications"):
            assert nurse.get(f"{at_home}/{hidden}").status_code == 404
            assert nurse.post(f"{at_home}/{hidden}", {"shown": ""}).status_code == 404


def test_datasets_of_somebody_masked_hold_the_scores_and_no_operation(assessor: Assessor) -> None:
    manager = Visitor(assessor.app)
    manager.sign_in(_email(Role.DATA_MANAGER, masked=True))
    manager.post(f"{HOME}/datasets", {"formats": "csv"})
    link = re.search(r'href="([^"]+/bundle\.zip)"', manager.get(f"{HOME}/datasets").text)
    assert link

    with manager.get(link[1]) as answer, zipfile.ZipFile(io.BytesIO(answer.data)) as bundle:
        files = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert "lefs.csv" in files
    scores = csv.DictReader(io.StringIO(files["lefs.csv"]))
    assert [row["lefs_score"] for row in scores] == ["60", "60"]
    words = told(assessor)
    found = {
        f"{name}: {word[0]}"
        for name, text in files.items()
        if name not in OF_THE_STUDY
        for word in words.finditer(f"{name}\n{plain(assessor, text)}")
    }
    assert found == set()
