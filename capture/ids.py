"""The only source of ids, salts and random bytes; a rehearsal puts its seed's stream there."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from capture import clock

_source: ContextVar[Callable[[int], bytes]] = ContextVar(
    "sarcomere_entropy", default=secrets.token_bytes
)


def random_bytes(count: int) -> bytes:
    return _source.get()(count)


def salt() -> str:
    """Return a fresh salt as 32 hexadecimal characters (128 bits)."""
    return random_bytes(16).hex()


def salts(count: int) -> list[str]:
    """Several fresh salts at once: the same ones that so many calls of `salt` would give."""
    drawn = random_bytes(16 * count).hex()
    return [drawn[start : start + 32] for start in range(0, len(drawn), 32)]


def new_id() -> str:
    """Return a UUID version 7 (RFC 9562): 48 bits of milliseconds, then random bits."""
    milliseconds = int(clock.now().timestamp() * 1000)
    tail = int.from_bytes(random_bytes(10)) & ((1 << 74) - 1)
    number = (
        (milliseconds << 80) | (7 << 76) | ((tail >> 62) << 64) | (2 << 62) | (tail & (1 << 62) - 1)
    )
    text = f"{number:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def get_moment(made_id: str) -> datetime:
    """When an id was made, to the millisecond."""
    return datetime.fromtimestamp(int(made_id.replace("-", "")[:12], 16) / 1000, UTC)


@contextmanager
def draw_from_seed(seed: int) -> Iterator[None]:
    """Draw every id and salt from the seed, so that a rehearsal can be repeated exactly."""
    counter = 0
    pool = b""

    def take(count: int) -> bytes:
        nonlocal counter, pool
        while len(pool) < count:
            message = counter.to_bytes(8)
            pool += hashlib.blake2b(
                message, key=str(seed).encode(), person=b"sarcomere-rehear"
            ).digest()
            counter += 1
        taken, pool = pool[:count], pool[count:]
        return taken

    token = _source.set(take)
    try:
        yield
    finally:
        _source.reset(token)
