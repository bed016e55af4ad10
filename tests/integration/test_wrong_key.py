"""The server was started with another concealment key: said in words, and nothing is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from capture.access import Role
from capture.ledger.concealment import Concealment
from capture.problems import ConfigurationProblem
from capture.randomisation import reads
from capture.web.request_context import EXTENSION, Services
from tests.support.builders import Visitor, make_user
from tests.support.randomising import DURATION, activate, delegate, draw, ready
from tests.support.randomising_pages import running_trial
from tests.support.trial import GIST, make_trial

WRONG = Concealment(b"\x99" * 32)
URL = f"/studies/{GIST}/randomisations/{DURATION}"


def test_nobody_is_drawn_under_a_wrong_key(services: Services) -> None:
    trial = make_trial(services.database, services.concealment)
    delegate(trial)
    activate(trial)
    person = ready(trial)
    trial.concealment = WRONG

    with pytest.raises(ConfigurationProblem, match="is not the key it was concealed with"):
        draw(trial, person)

    with services.database.reading() as connection:
        assert reads.find_allocation(connection, GIST, person.id, DURATION) is None


def test_pages_say_that_the_key_is_wrong_and_are_there_again_under_the_right_one(
    services: Services, app: Flask, sign_in: Callable[..., Visitor]
) -> None:
    running_trial(services)
    make_user(services, email="unblinded@unit.example", role=Role.UNBLINDED)
    visitor = sign_in("unblinded@unit.example")

    right = app.extensions[EXTENSION]
    app.extensions[EXTENSION] = replace(right, concealment=WRONG)
    wrong = visitor.get(URL)
    app.extensions[EXTENSION] = right

    assert wrong.status_code == 503
    assert "SARCOMERE_CONCEALMENT_KEY is not the key" in wrong.text
    assert visitor.get(URL).status_code == 200
