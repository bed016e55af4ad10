"""The proof bundle: everything that is needed to derive every allocation again independently."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from randomiser.design import Design, as_plain
from randomiser.history import Annotation, Event, Kind
from randomiser.problems import require_length

FORMAT = "sarcomere-randomisation-proof"
FORMAT_VERSION = 2


@dataclass(frozen=True)
class Unsealed:
    """A design version whose key two people have unsealed.

    r, v, key, salt:          the stored bytes; the verifier derives K and the commitment again.
    r_commitment, commitment: recorded when the design was activated, 32 bytes each.
    """

    design: Design
    r: bytes = field(repr=False)
    v: bytes = field(repr=False)
    key: bytes = field(repr=False)
    salt: bytes = field(repr=False)
    r_commitment: bytes
    commitment: bytes


def build(
    study: str,
    unsealed: Sequence[Unsealed],
    events: Sequence[Event],
    *,
    id_salt: bytes,
    last_number: int,
) -> bytes:
    """Return the bundle as UTF-8 JSON; the same arguments give the same bytes.

    study:       the study's slug.
    unsealed:    one or more design versions of one randomisation, oldest first.
    events:      every event in study-wide order; an event of another randomisation or of a
                 concealed key is included as Kind.ELSEWHERE with its number alone.
    id_salt:     32 secret bytes for hashing participant ids; not in the bundle.
    last_number: the highest study-wide number given out, read from the counter, not the events.

    Stored values are included unchanged, even wrong ones: the verifier checks them.
    Raises ValueError without a design or with designs of several randomisations, and KeyProblem.
    Source: docs/randomisation-protocol.md section 8.
    """
    require_length("The salt of participant ids", id_salt)
    names = {opened.design.randomisation for opened in unsealed}
    if len(names) != 1:
        raise ValueError(f"a bundle holds one randomisation; these are {len(names)}")
    bundle = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "study": study,
        "randomisation": names.pop(),
        "designs": [_plain_design(opened) for opened in unsealed],
        "events": [_plain_event(event, id_salt) for event in events],
        "last_number": last_number,
        "lists": _list_ends(events),
    }
    return (json.dumps(bundle, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()


def salted_id(participant: str, id_salt: bytes) -> str:
    """Return HMAC-SHA-256 of a participant's id under the salt, as 64 hexadecimal characters."""
    return hmac.new(id_salt, participant.encode("utf-8"), hashlib.sha256).hexdigest()


def _plain_design(unsealed: Unsealed) -> dict[str, object]:
    return {
        "design": as_plain(unsealed.design),
        "r": unsealed.r.hex(),
        "v": unsealed.v.hex(),
        "key": unsealed.key.hex(),
        "salt": unsealed.salt.hex(),
        "r_commitment": unsealed.r_commitment.hex(),
        "commitment": unsealed.commitment.hex(),
    }


def _plain_event(event: Event, id_salt: bytes) -> dict[str, object]:
    participant = event.participant
    return {
        "kind": event.kind.value,
        "number": event.number,
        "design_version": event.design_version,
        "list_name": event.list_name,
        "list_position": event.list_position,
        "arm": event.arm,
        "levels": None if event.levels is None else dict(event.levels),
        "participant": None if participant is None else salted_id(participant, id_salt),
        "annotations": [
            _plain_annotation(annotation, event.number) for annotation in event.annotations
        ],
    }


def _plain_annotation(annotation: Annotation, number: int | None) -> dict[str, object]:
    levels = None if annotation.levels is None else dict(annotation.levels)
    after = number if annotation.after is None else annotation.after
    return {"mistake": annotation.mistake.value, "levels": levels, "after": after}


def _list_ends(events: Sequence[Event]) -> dict[str, int]:
    ends: dict[str, int] = {}
    for event in events:
        if event.kind is Kind.ENVELOPE:
            continue  # envelopes are opened in any order, so their lists have no end to state
        if event.list_name is not None and event.list_position is not None:
            ends[event.list_name] = max(event.list_position, ends.get(event.list_name, 0))
    return ends
