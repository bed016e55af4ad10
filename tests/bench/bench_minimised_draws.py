"""A draw by minimisation with its ledger row and commit, after few and after many people.

Reported, never asserted: the floor is the driver alone writing as many rows in one transaction.
"""

from __future__ import annotations

from capture.web.request_context import Services
from tests.bench.measuring import driver_floor, heading, median, report, waits_for_the_disk
from tests.fault.allocating import draw
from tests.fault.leg_trial import make_ready, publish

EARLIER = (0, 500)
DRAWS = 20
WARM = 5
WRITTEN = 12
"""Rows that a draw writes in this small trial: ledger, bodies, seals waiting, heads, the rest."""


def test_a_draw_after_few_and_after_many(services: Services) -> None:
    study = publish(services.database, services.concealment, "minimisation")
    heading(f"minimisation, 2 factors, with ledger row; {waits_for_the_disk(services.database)}")
    floor = driver_floor(services.config, WRITTEN, DRAWS)
    drawn = 0
    for earlier in EARLIER:
        people = make_ready(
            services.database, services.concealment, study, earlier - drawn + DRAWS + WARM
        )
        for person in people[: earlier - drawn]:
            draw(services.database, services.concealment, person)
        waiting = people[max(0, earlier - drawn) :]
        drawn = max(earlier, drawn) + len(waiting)

        def one(number: int, waiting: list[str] = waiting) -> None:
            draw(services.database, services.concealment, waiting[number + WARM])

        spent = median(one, DRAWS)
        report(f"draw after {earlier}, CPU", spent.cpu, floor.cpu, budget="at most 5 ms")
        report(f"draw after {earlier}, wall", spent.wall, floor.wall)
