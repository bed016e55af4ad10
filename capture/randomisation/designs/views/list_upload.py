"""The page on which the unblinded statistician uploads a list."""

from __future__ import annotations

from flask import Response, request

from capture.access import Action, allow
from capture.ledger.service import Transaction
from capture.problems import InvalidInput, Problem
from capture.randomisation.designs.service.list_upload import ListRefused, upload_list
from capture.randomisation.designs.views.designs import ONE, desk_page, open_desk
from capture.randomisation.views.blueprint import bp
from capture.randomisation.views.forms import ListForm
from capture.web.act_pages import do_act
from capture.web.perform import Answer


@bp.post(f"{ONE}/list")
@allow(Action.RANDOMISATION_ENTER_DESIGN)
def upload(study: str, name: str) -> Response:
    """Store an uploaded list concealed; a list with mistakes is refused with all their lines."""
    desk, form = open_desk(study, name), ListForm()
    data = _read_sent_file(form.list.name)

    def act(tx: Transaction) -> Answer:
        if not data:
            raise InvalidInput("list", "Choose the file of the list.")
        version_id = upload_list(tx, desk.study, desk.study_version, name, data)
        number = version_id.rpartition("/")[2]
        words = (
            f"The list is kept as design version {number}. Compare its hashes with your own; "
            "the trial manager activates it."
        )
        return Answer(desk.url(), words)

    def draw(problem: Problem | None) -> str:
        if not isinstance(problem, ListRefused):
            return desk_page(desk, problem, form)
        said = InvalidInput(problem.field, problem.first)
        return desk_page(desk, said, form, list_problems=problem.lines)

    return do_act(form, act, draw)


def _read_sent_file(field: str) -> bytes:
    file = request.files.get(field)
    if file is None:
        return b""
    raw: bytes = file.read()
    file.seek(0)  # the request's hash reads it again
    return raw
