"""The list that a rehearsal uploads where the study takes one."""

from __future__ import annotations

from capture import ids
from capture.randomisation.designs.service.design_dry_run import list_strata
from capture.randomisation.designs.service.designs import arms_of, factors_of
from forms.definition import Study
from randomiser import METHODS, Design, header_of, list_of, list_places, make_draw

ROWS_IN_ALL = 8_000
LONGEST_LIST = 400


def make_up_list(study: Study, name: str) -> bytes:
    """Return a CSV file with a list for every stratum, drawn by the random allocation rule."""
    design = _design(study, name)
    draw = make_draw(ids.random_bytes(32))
    lines = [header_of(design.factors)]
    for levels in list_strata(study, name):
        places = list_places(design, list_of(design, levels), draw)
        lines += [[*levels.values(), str(place.list_position), place.arm] for place in places]
    return "".join(",".join(line) + "\n" for line in lines).encode()


def _design(study: Study, name: str) -> Design:
    randomisation = study.randomisation(name)
    strata = len(list(list_strata(study, name)))
    total = sum(arm.ratio for arm in randomisation.open_arms)
    people = max(1, min(LONGEST_LIST, ROWS_IN_ALL // strata) // total) * total
    return Design(
        randomisation=f"{study.slug}/{name}",
        version=1,
        method=METHODS["random_allocation_rule"],
        arms=tuple(arms_of(randomisation)),
        factors=tuple(factors_of(randomisation)),
        people=people,
    )
