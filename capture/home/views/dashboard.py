"""The dashboards of a study: recruitment, forms, scores; each table also as a CSV file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Response, render_template, url_for

from capture import clock
from capture.access import Action, allow
from capture.home import reads
from capture.home.dashboard import form_work, recruitment, scores, screening
from capture.home.dashboard.context import DashboardContext, DashboardSection, DashboardTable
from capture.home.reads import Workplace
from capture.home.views.blueprint import bp
from capture.oversight.csv_file import make_harmless
from capture.problems import NotFound
from capture.study import reads as study_reads
from capture.web.perform import actor, reading

RECRUITMENT = ("participant", "recruited", "cohort", "allocated", "not_recruited")
FORMS = ("entry", "begun")


@dataclass(frozen=True)
class Tab:
    """One of the dashboards of a study."""

    title: str
    endpoint: str
    action: Action = Action.DASHBOARD_VIEW


TABS = (
    Tab("Recruitment", "home.dashboard"),
    Tab("Forms", "home.dashboard_forms"),
    Tab("Scores", "home.dashboard_scores", Action.SCORES_VIEW),
)


@bp.get("/studies/<study>/dashboard")
@allow(Action.DASHBOARD_VIEW)
def dashboard(study: str) -> str:
    """Recruitment against dated targets, and screening; never by arm."""
    scene = _make_context(_get_workplace(study, Action.DASHBOARD_VIEW), RECRUITMENT)
    return _render_page(scene, TABS[0], _list_recruitment_sections(scene))


@bp.get("/studies/<study>/dashboard/csv/<table>")
@allow(Action.DASHBOARD_VIEW)
def dashboard_csv(study: str, table: str) -> Response:
    scene = _make_context(_get_workplace(study, Action.DASHBOARD_VIEW), RECRUITMENT)
    return _make_csv(study, table, _list_recruitment_sections(scene))


@bp.get("/studies/<study>/dashboard/forms")
@allow(Action.DASHBOARD_VIEW)
def dashboard_forms(study: str) -> str:
    """How complete and how timely the forms are, by form and by site."""
    place = _get_workplace(study, Action.DASHBOARD_VIEW)
    scene = _make_context(place, FORMS)
    return _render_page(scene, TABS[1], _list_form_sections(place, scene))


@bp.get("/studies/<study>/dashboard/forms/csv/<table>")
@allow(Action.DASHBOARD_VIEW)
def dashboard_forms_csv(study: str, table: str) -> Response:
    place = _get_workplace(study, Action.DASHBOARD_VIEW)
    return _make_csv(study, table, _list_form_sections(place, _make_context(place, FORMS)))


@bp.get("/studies/<study>/dashboard/scores")
@allow(Action.SCORES_VIEW)
def dashboard_scores(study: str) -> str:
    """Scores over the visits of people at the reader's sites."""
    scene = _make_context(_get_workplace(study, Action.SCORES_VIEW), ())
    return _render_page(scene, TABS[2], _list_score_sections(scene))


@bp.get("/studies/<study>/dashboard/scores/csv/<table>")
@allow(Action.SCORES_VIEW)
def dashboard_scores_csv(study: str, table: str) -> Response:
    return _make_csv(
        study,
        table,
        _list_score_sections(_make_context(_get_workplace(study, Action.SCORES_VIEW), ())),
    )


def _get_workplace(study: str, action: Action) -> Workplace:
    """The study at the sites where this person may see what is asked for."""
    connection, who = reading(), actor()
    definition = study_reads.get_definition_for(connection, study)
    sites = study_reads.list_all_sites(connection, study)
    return Workplace(
        who, definition, {site.slug: site for site in sites if who.may(action, study, site.slug)}
    )


def _make_context(place: Workplace, kinds: Sequence[str]) -> DashboardContext:
    """The counters of these kinds, and what of them is withheld from this person."""
    return DashboardContext(
        place.study,
        reads.list_counts(reading(), place.slug, *kinds),
        place.sites,
        clock.today(place.study.zone),
        place.viewer,
    )


def _list_recruitment_sections(scene: DashboardContext) -> list[DashboardSection]:
    return [*recruitment.list_sections(scene), screening.make_section(scene)]


def _list_form_sections(place: Workplace, scene: DashboardContext) -> list[DashboardSection]:
    return form_work.list_sections(scene, reads.count_unentered(reading(), place))


def _list_score_sections(scene: DashboardContext) -> list[DashboardSection]:
    study, connection = scene.study, reading()
    people = reads.list_counted_people(connection, study.slug, scene.sites)
    return [
        scores.make_section(
            scene,
            score,
            reads.count_values(
                connection,
                study.slug,
                study.instrument_of(score.item).name,
                score.item,
                people,
            ),
        )
        for score in scores.list_shown_scores(scene)
    ]


def _render_page(scene: DashboardContext, tab: Tab, sections: Sequence[DashboardSection]) -> str:
    study = scene.study
    tabs = [
        (entry.title, url_for(entry.endpoint, study=study.slug), entry == tab)
        for entry in TABS
        if actor().may(entry.action, study.slug)
        and (study.scores or entry.action != Action.SCORES_VIEW)
    ]
    return render_template(
        "home/dashboard.html",
        study=study.slug,
        title=study.short_title,
        tab=tab,
        tabs=tabs,
        sections=sections,
        visits_told=scores.list_visit_titles,
        is_withheld=not scene.viewer.sees_arms and not scene.viewer.withheld.is_empty,
    )


def _make_csv(study: str, name: str, sections: Iterable[DashboardSection]) -> Response:
    """One table of a dashboard as a file. Raises NotFound."""
    table = _get_table(name, sections)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([make_harmless(head) for head in table.heads])
    # What is no number may be the name of a site, which somebody typed.
    for row in table.rows:
        writer.writerow([*map(make_harmless, row[: table.texts]), *row[table.texts :]])
    answer = Response(text.getvalue(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{study}-{name}.csv")
    return answer


def _get_table(name: str, sections: Iterable[DashboardSection]) -> DashboardTable:
    for section in sections:
        for table in section.tables:
            if table.id == name:
                return table
    raise NotFound("The dashboard has no such table.")
