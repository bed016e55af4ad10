"""The public names of the allocation engine, which uses no clock, database or web."""

from __future__ import annotations

from randomiser.allocation import Allocation, BlockTrace, RowTrace, StepTrace
from randomiser.arms import Arm, Factor
from randomiser.canonical import canonical_json
from randomiser.design import (
    Design,
    canonical,
    is_adaptive,
    level_codes,
    list_of,
    parameters_of,
)
from randomiser.design_file import from_canonical, read_design
from randomiser.draw import Draw, Integers, list_name, make_draw
from randomiser.envelopes import envelope_list, envelope_places, site_of_envelopes
from randomiser.history import Annotation, Event, Kind, Mistake
from randomiser.keys import combine, commit_r, commitment
from randomiser.list_file import header_of, read_list
from randomiser.list_rules import UploadedList
from randomiser.method import Method
from randomiser.methods import METHODS
from randomiser.methods.permuted_blocks import Block, block_at
from randomiser.methods.uploaded_list import order_hash
from randomiser.next_allocation import allocate, list_places
from randomiser.problems import (
    DesignProblem,
    KeyProblem,
    ListFull,
    RandomiserProblem,
    ReplayDiffers,
    UnknownLevel,
)
from randomiser.proof import Unsealed, build, salted_id
from randomiser.replay import Difference, replay

__all__ = [
    "METHODS",
    "Allocation",
    "Annotation",
    "Arm",
    "Block",
    "BlockTrace",
    "Design",
    "DesignProblem",
    "Difference",
    "Draw",
    "Event",
    "Factor",
    "Integers",
    "KeyProblem",
    "Kind",
    "ListFull",
    "Method",
    "Mistake",
    "RandomiserProblem",
    "ReplayDiffers",
    "RowTrace",
    "StepTrace",
    "UnknownLevel",
    "Unsealed",
    "UploadedList",
    "allocate",
    "block_at",
    "build",
    "canonical",
    "canonical_json",
    "combine",
    "commit_r",
    "commitment",
    "envelope_list",
    "envelope_places",
    "from_canonical",
    "header_of",
    "is_adaptive",
    "level_codes",
    "list_name",
    "list_of",
    "list_places",
    "make_draw",
    "order_hash",
    "parameters_of",
    "read_design",
    "read_list",
    "replay",
    "salted_id",
    "site_of_envelopes",
]
