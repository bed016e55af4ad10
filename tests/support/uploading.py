"""Lists that the unblinded statistician uploads for the GIST trial."""

from __future__ import annotations

from itertools import product

from capture.randomisation.designs.service import designs
from capture.randomisation.designs.service.list_upload import upload_list
from tests.support.randomising import (
    DURATION,
    KEY_COPY,
    MANAGER,
    UNBLINDED,
    V,
    definition,
    republish,
)
from tests.support.trial import Trial

HEADER = "tumour_site,rupture,country,list_position,arm"
COUNTRIES = ("gb",)
OTHERS = [
    f"{site},{rupture},gb,{position},{arm}"
    for site, rupture in product(("gastric", "other"), ("ruptured", "intact"))
    if (site, rupture) != ("gastric", "intact")
    for position, arm in ((1, "IM36"), (2, "IM60"))
]
USUAL = "gastric,intact,gb"
"""The stratum of everybody whom the builders make ready."""


def list_of(arms: str, *more: str) -> bytes:
    """A list that gives the usual stratum these arms (3 or 6, for 36 and 60 months)."""
    rows = [f"{USUAL},{n},{'IM36' if arm == '3' else 'IM60'}" for n, arm in enumerate(arms, 1)]
    return "".join(f"{line}\n" for line in (HEADER, *rows, *OTHERS, *more)).encode()


def take_lists(trial: Trial) -> int:
    """Publish the study as one that takes an uploaded list."""
    return republish(trial, ("method: permuted_blocks", "method: uploaded_list"))


def activate_list(trial: Trial, data: bytes) -> str:
    """Upload a list as the unblinded statistician and activate it as the trial manager."""
    study = definition(trial)
    with trial.acting(UNBLINDED) as tx:
        version = upload_list(tx, study, 1, DURATION, data)
    with trial.acting(MANAGER) as tx:
        designs.activate(tx, study, 1, version, v=V, key_copy=KEY_COPY)
    return version
