"""A small rehearsed history with its bundle, built through the engine's public names."""

from __future__ import annotations

import json
from typing import Any

from randomiser import (
    METHODS,
    Arm,
    Design,
    Event,
    Factor,
    Kind,
    Unsealed,
    allocate,
    build,
    combine,
    commit_r,
    commitment,
    make_draw,
)

SITES = Factor("tumour_site", ("gastric", "other"))
STRATA = [
    {"tumour_site": site, "country": country}
    for site in ("gastric", "other")
    for country in ("GB", "FI")
]
ID_SALT = b"i" * 32


def make_design(**changes: Any) -> Design:
    given: dict[str, Any] = {
        "randomisation": "demo/duration",
        "version": 1,
        "method": "permuted_blocks",
        "arms": (Arm("A", 1), Arm("B", 1)),
        "factors": (SITES, Factor("country")),
        "sizes": (4, 6),
        "weights": (1, 1),
    }
    parts = given | changes
    return Design(**parts | {"method": METHODS[parts["method"]]})


def make_one_by_one(method: str, *ratio: int, **parameters: Any) -> Design:
    """Return an unstratified design of a method with parameters of its own; arms A, B, C …"""
    return make_design(
        method=method,
        arms=tuple(Arm("ABCDEF"[i], share) for i, share in enumerate(ratio or (1, 1))),
        **({"factors": (), "sizes": (), "weights": ()} | parameters),
    )


def unseal(design: Design, r: bytes | None = None, v: bytes = b"v") -> Unsealed:
    salt = bytes([design.version]) * 32
    r = r or salt
    key = combine(r, v)
    return Unsealed(design, r, v, key, salt, commit_r(r), commitment(design, key, salt))


def run(one: Unsealed, people: int, history: list[Event] | None = None) -> list[Event]:
    """Allocate people over the strata in turn, after an earlier history."""
    events = list(history or [])
    for turn in range(people):
        levels = STRATA[(turn * turn + turn // 3) % len(STRATA)]
        done = allocate(one.design, events, levels, make_draw(one.key))
        number = len(events) + 1
        events.append(
            Event(
                number=number,
                design_version=one.design.version,
                list_name=done.list_name,
                list_position=done.list_position,
                arm=done.arm,
                levels=levels,
                participant=f"person-{number}",
            )
        )
    return events


def two_versions() -> tuple[list[Unsealed], list[Event]]:
    first, second = unseal(make_design()), unseal(make_design(version=2, sizes=(6,), weights=(1,)))
    events = run(first, 30)
    events.append(Event(kind=Kind.ELSEWHERE, number=31))
    return [first, second], run(second, 20, events)


def make_bundle() -> dict[str, Any]:
    """Return a bundle of 50 allocations in two design versions, as JSON read back."""
    unsealed, events = two_versions()
    data = build("demo", unsealed, events, id_salt=ID_SALT, last_number=51)
    bundle: dict[str, Any] = json.loads(data)
    return bundle
