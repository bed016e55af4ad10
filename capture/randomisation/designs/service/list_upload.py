"""Uploads a list made elsewhere: it is checked as a whole and stored as a concealed design."""

from __future__ import annotations

from collections.abc import Sequence

from capture.ledger.service import Transaction
from capture.problems import InvalidInput, Refused
from capture.randomisation.designs.service.design_dry_run import list_levels
from capture.randomisation.designs.service.designs import arms_of, factors_of, keep_design
from forms.definition import Study
from randomiser import METHODS, Design, DesignProblem, read_list

SHOWN = 100


class ListRefused(InvalidInput):
    """A list that was refused; `lines` holds every reason with its line."""

    def __init__(self, lines: Sequence[str]) -> None:
        count = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        self.first = f"The list was not taken: {count}. Nothing was stored."
        self.lines = tuple(lines[:SHOWN])
        if len(lines) > SHOWN:
            self.lines += (f"and {len(lines) - SHOWN} more.",)
        super().__init__("list", "\n".join([self.first, *self.lines]))


def upload_list(tx: Transaction, study: Study, study_version: int, name: str, data: bytes) -> str:
    """Store an uploaded list concealed as the next design version; return its id.

    data: the bytes of the file. The list waits for activation like any design, and the commitment
    covers it. Raises ListRefused with every problem, NotAllowed, Refused.
    """
    if not METHODS[study.randomisation(name).method].takes_list:
        raise Refused("This randomisation makes its own lists. It takes no uploaded list.")
    return keep_design(
        tx, study, study_version, name, lambda number: _design(study, name, number, data)
    )


def _design(study: Study, name: str, number: int, data: bytes) -> Design:
    randomisation = study.randomisation(name)
    arms, factors = arms_of(randomisation), factors_of(randomisation)
    try:
        file_hash, lists = read_list(data, arms, factors, _list_known_codes(study, name))
        return Design(
            randomisation=f"{study.slug}/{name}",
            version=number,
            method=METHODS[randomisation.method],
            arms=tuple(arms),
            factors=tuple(factors),
            file_hash=file_hash,
            lists=lists,
        )
    except DesignProblem as problem:
        raise ListRefused(problem.problems) from problem


def _list_known_codes(study: Study, name: str) -> dict[str, list[str]]:
    """Return the codes of the site attributes that factors without fixed levels are read from."""
    strata = study.randomisation(name).strata
    return {
        stratum.factor: list_levels(study, stratum) for stratum in strata if stratum.levels is None
    }
