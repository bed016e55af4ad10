"""The dashboard of a study: recruitment, screening, forms; each table also as a CSV file."""

from __future__ import annotations

import csv
import io

from flask import Response, render_template

from capture import clock
from capture.access import Action, allow
from capture.home import dashboard as numbers
from capture.home import reads
from capture.home.dashboard import Scene
from capture.home.views.blueprint import bp
from capture.oversight.csv_file import harmless
from capture.participants.sight import sees_arms, withheld_at
from capture.problems import NotFound
from capture.study import reads as study_reads
from capture.web import actor, reading


@bp.get("/studies/<study>/dashboard")
@allow(Action.DASHBOARD_VIEW)
def dashboard(study: str) -> str:
    """Recruitment against target and how complete the data are; never by arm."""
    scene = _scene(study)
    return render_template(
        "home/dashboard.html",
        study=study,
        title=scene.study.short_title,
        recruitments=numbers.recruitments(scene),
        tables=numbers.tables(scene),
        is_withheld=not scene.withheld.is_empty,
    )


@bp.get("/studies/<study>/dashboard/csv/<table>")
@allow(Action.DASHBOARD_VIEW)
def dashboard_csv(study: str, table: str) -> Response:
    """One table of the dashboard as a file."""
    found = numbers.named(_scene(study), table)
    if found is None:
        raise NotFound("The dashboard has no such table.")
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(found.heads)
    writer.writerows([harmless(value) for value in row] for row in found.rows)
    answer = Response(text.getvalue(), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"{study}-{table}.csv")
    return answer


def _scene(study: str) -> Scene:
    """The counters with the sites this person sees; what would tell an arm is withheld."""
    connection, who = reading(), actor()
    definition = study_reads.definition_for(connection, study)
    mine = {one.slug: one for one in study_reads.sites(connection, who, study)}
    return Scene(
        definition,
        reads.counts(connection, study),
        mine,
        clock.today(definition.zone),
        withheld_at(who, definition, mine),
        sees_cohorts=bool(mine) and all(sees_arms(who, definition, slug) for slug in mine),
    )
