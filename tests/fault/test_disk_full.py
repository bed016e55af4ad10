"""A full disk: told in words, the typing kept, nothing half written, fine once there is room."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from capture.ledger.verify import verify_study
from capture.web.request_context import Services
from tests.support.builders import Visitor
from tests.support.clinic import VALUES, Clinic, make_clinic
from tests.support.trial import GIST

pytestmark = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
MOST_SAVES = 200


@pytest.fixture
def clinic(services: Services, sign_in: Callable[..., Visitor]) -> Clinic:
    return make_clinic(services, sign_in)


class Disk:
    """Lets the application's database grow no further, or again."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._pages: int | None = None
        sa.event.listen(engine, "begin", self._hold)

    def fill(self) -> None:
        with self._engine.connect() as connection:
            self._pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def clear(self) -> None:
        self._pages = 2**30

    def _hold(self, connection: sa.Connection) -> None:
        if self._pages is not None:
            connection.exec_driver_sql(f"PRAGMA max_page_count={self._pages}")


@pytest.fixture
def disk(app: Flask) -> Disk:
    return Disk(app.extensions["sarcomere"].database.engine)


def test_a_full_disk_refuses_in_words_and_keeps_the_typing(clinic: Clinic, disk: Disk) -> None:
    tab = clinic.tab()
    disk.fill()
    stored = 0
    for number in range(MOST_SAVES):
        weight = f"{60 + number % 50}.5"
        answer = tab.save(**typed(weight))
        if answer.status_code == 503:
            break
        assert answer.status_code == 303, answer.text
        stored += 1
        tab = clinic.again(tab)

    assert answer.status_code == 503
    assert "disk is full. Nothing was changed." in answer.text
    assert f'value="{weight}"' in answer.text
    assert clinic.desk.version() == stored
    assert disagreements(clinic) == []


def test_once_there_is_room_the_same_save_goes_through(clinic: Clinic, disk: Disk) -> None:
    tab = clinic.tab()
    disk.fill()
    for number in range(MOST_SAVES):
        answer = tab.save(**typed(f"{60 + number % 50}.5"))
        if answer.status_code == 503:
            break
        tab = clinic.again(tab)
    disk.clear()

    assert answer.status_code == 503
    assert clinic.again(tab).save(**typed("71.2")).status_code == 303
    assert disagreements(clinic) == []


def typed(weight: str) -> dict[str, str]:
    return {**VALUES, "weight_kg": weight, "reason_words": "weighed again"}


def disagreements(clinic: Clinic) -> list[str]:
    with clinic.trial.database.reading() as connection:
        return verify_study(connection, clinic.trial.concealment, GIST).findings
