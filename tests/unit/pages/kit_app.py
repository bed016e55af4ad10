"""A small application that shows every part of the page kit with the real templates."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from pathlib import Path

import jinja2
from flask import Flask, Response, current_app, flash, jsonify, redirect, render_template, request
from flask_wtf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse
from wtforms import (
    BooleanField,
    Form,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import InputRequired

from capture.charts import Point, draw_recruitment_chart
from capture.home.dashboard.context import DashboardFigure, DashboardTable
from capture.web import templating
from capture.web.layout import (
    Banner,
    BannerKind,
    IdleLimit,
    Link,
    PageLayout,
    ProblemPage,
    SignedIn,
)
from capture.web.page_data import (
    Colour,
    Icon,
    Pagination,
    ParticipantBanner,
    SummaryRow,
    TableColumn,
    Tag,
    Task,
)
from forms.browser import page_scope
from forms.date_field import DateBoxes
from forms.definition import Role
from forms.edit_checks import findings, judge_answers
from forms.evaluation_scope import Place, StudyScope
from forms.values import Cell
from tests.unit.pages.kit import TODAY, kitchen_sink, make_study, sink_class

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "manifest-src 'self'"
)
CHOICES = [SelectChoice("a", "The first"), SelectChoice("b", "The second")]
STATIC = Path(templating.__file__).parents[1] / "static"


class OwnForm(Form):
    """One field of each kind that pages of our own use."""

    today = TODAY
    email = StringField("Email", [InputRequired("Enter your email")], description="At work")
    password = PasswordField("Password", [InputRequired("Enter your password")])
    site = SelectField("Site", choices=CHOICES)
    reason = RadioField("Reason", [InputRequired("Choose a reason")], choices=CHOICES)
    parts = SelectMultipleField("Parts", choices=CHOICES)
    agreed = BooleanField("I have read it")
    given_on = DateBoxes("Date of consent", required="Enter the date of consent")
    notes = TextAreaField("Notes")


def make_scope() -> StudyScope:
    """Make what conditions may look at: nothing is stored yet."""
    return StudyScope(
        study=make_study(kitchen_sink()),
        entries={},
        local_now=datetime(2026, 11, 23, 9, 0),  # noqa: DTZ001 - local time at the site
        here=Place("base", 1, "sink"),
    )


def create_kit() -> Flask:
    """Make the application."""
    app = Flask("kit", template_folder=str(STATIC.parent / "templates"), static_folder=str(STATIC))
    app.config["SECRET_KEY"] = secrets.token_hex()
    templating.install(app)
    _add_kit_templates(app)
    CSRFProtect(app)
    app.context_processor(lambda: {"chrome": _chrome()})
    app.after_request(_secure)
    app.extensions["kit_drafts"] = []
    _add_pages(app)
    return app


def _add_kit_templates(app: Flask) -> None:
    own = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    app.jinja_env.loader = jinja2.ChoiceLoader([app.jinja_env.loader or own, own])


def _secure(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = CSP
    return response


def _chrome() -> PageLayout:
    return PageLayout(
        home_url="/",
        help_url="/help",
        signed_in=SignedIn(
            "Anna Cole", "Research nurse, Northfield Hospital", "/out", "/me", "/lock", "/here"
        ),
        search_url="/find",
        banners=(Banner(BannerKind.DEMONSTRATION, "Demonstration: nobody here is real."),),
        navigation=(Link("Home", "/", current=True), Link("Participants", "/list")),
        idle=IdleLimit(1800, 120, "/keep"),
    )


def _add_pages(app: Flask) -> None:
    app.add_url_rule("/", view_func=parts_page)
    app.add_url_rule("/own", view_func=own_page, methods=["GET", "POST"])
    app.add_url_rule("/entry", view_func=entry_page, methods=["GET", "POST"])
    app.add_url_rule("/read", view_func=read_page)
    app.add_url_rule("/problem", view_func=problem_page)
    app.add_url_rule("/draft", view_func=keep_draft, methods=["POST"])


def parts_page() -> str:
    """Show lists, tables, tags, charts and NHS.UK components."""
    months = [date(2026, month, 1) for month in range(1, 11)]
    actual = [Point(day, 7 * number) for number, day in enumerate(months)]
    target = [Point(date(2026, 1, 1), 0), Point(date(2028, 1, 1), 255)]
    return render_template(
        "parts.html",
        banner=ParticipantBanner(
            "NOR-0007", "Northfield", Tag("Randomised"), Tag("Active"), "/p/7", "IM36"
        ),
        tasks=[
            Task("Vital signs", Tag("Complete", icon=Icon.COMPLETE), "/v", "Due 3 March 2026"),
            Task("Scan", Tag("Overdue", Colour.ORANGE, Icon.OVERDUE), "/s"),
            Task("Bloods", Tag("Not due", icon=Icon.NOT_DUE)),
        ],
        tags=[Tag(icon.value, Colour.BLUE, icon) for icon in Icon],
        rows=[SummaryRow("Site", "Northfield", "/change"), SummaryRow("Sex", "Female")],
        columns=[
            TableColumn("Number"),
            TableColumn("Status"),
            TableColumn("Queries", numeric=True),
        ],
        table=[["NOR-0007", "On study", "2"], ["NOR-0008", "Screened <b>", "0"]],
        pages=Pagination(2, 9, 210, "/?page=1", "/?page=3"),
        figures=[DashboardFigure("Recruitment", draw_recruitment_chart(actual, target))],
        numbers_of_chart=DashboardTable(
            "months", "By month", ("Day", "Randomised"), (("1 May 2026", "7"),)
        ),
    )


def own_page() -> tuple[str, int] | AnyResponse:
    """Show a form of our own; a good one leads on with a message."""
    form = OwnForm(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate():
        flash("Saved.")
        return redirect("/own", 303)
    errors = templating.errors_of(form)
    return render_template("own.html", form=form, errors=errors), 422 if errors else 200


def entry_page() -> tuple[str, int] | AnyResponse:
    """Show the kitchen sink; a save asks about odd values once."""
    cells = {"locked_one": Cell("Kept <i>as it was</i>"), "weight": Cell("180")}
    form = sink_class()(
        request.form if request.method == "POST" else None, cells=cells, today=TODAY
    )
    is_valid = request.method == "GET" or form.validate()
    stored = {name: cell for name, cell in form.cells().items() if cell} or cells
    sink, scope = kitchen_sink(), make_scope()
    open_findings = findings(sink, judge_answers(sink, stored, scope), scope)
    unconfirmed = [one for one in open_findings if not form.confirms(one)]
    for finding in unconfirmed:
        form.ask(finding)
    if request.method == "POST" and is_valid and not unconfirmed:
        flash("Kitchen sink saved.")
        return redirect("/entry", 303)
    scope = page_scope(type(form), make_scope(), visit="base")
    page = render_template("sink.html", form=form, errors=form.page_errors(), scope=scope)
    return page, 200 if is_valid else 422


def read_page() -> str:
    """Show the kitchen sink as somebody who may only read it sees it."""
    cells = {"weight": Cell("72.5"), "symptoms": Cell(("pain",)), "region": Cell(missing="refused")}
    form = sink_class(Role.MONITOR, read_only=True)(cells=cells, today=TODAY)
    return render_template("sink.html", form=form, errors=(), scope="{}")


def problem_page() -> tuple[str, int]:
    """Show the page of a refusal."""
    problem = ProblemPage("Page not found", ("Check the address.", "Or go home."), "/", "Home")
    return render_template("problem.html", problem=problem), 404


def keep_draft() -> Response:
    """Keep what was typed, as the entry pages of the application do."""
    current_app.extensions["kit_drafts"].append(request.get_json())
    return jsonify(stored_at="14:32")
