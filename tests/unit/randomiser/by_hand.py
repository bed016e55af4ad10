"""The protocol's worked example computed with hashlib alone, sharing no line with randomiser/."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable
from fractions import Fraction
from itertools import product

Odds = Callable[[str], list[int]]
Step = tuple[list[int], int, int, str]

R = bytes(range(32))
V = b"forty-two grey geese"
SALT = bytes(range(32, 64))
DESIGN = (
    b'{"arms":[{"name":"A","ratio":1},{"name":"B","ratio":1}],'
    b'"factors":[{"levels":["gastric","other"],"name":"tumour_site"},'
    b'{"levels":null,"name":"country"}],'
    b'"method":"permuted_blocks","randomisation":"demo/duration",'
    b'"sizes":[4,6],"version":1,"weights":[1,1]}'
)
LIST = '["demo/duration",1,["gastric","GB"]]'
KEY = hmac.new(R, b"sarcomere-list-key-2\0" + V, hashlib.sha256).digest()
LIST_KEY = bytes.fromhex("4e8b23417b08cf02fe2c9a6fa3f6fc8803d85868e7c71ecacb2e1b4cdb5d0296")
"""The key of the lists that the protocol page works out."""


def digest(key: bytes, name: str, position: int, counter: int) -> bytes:
    text = name.encode()
    message = struct.pack(">I", len(text)) + text + struct.pack(">QQ", position, counter)
    return hashlib.blake2b(message, digest_size=64, key=key, person=b"sarcomere-draw").digest()


def first_words(key: bytes, name: str, position: int) -> tuple[int, ...]:
    return struct.unpack(">8Q", digest(key, name, position, 0))


def block_1_to_1(key: bytes, name: str, start: int) -> tuple[list[int], str]:
    """A 1:1 block of 4 or 6, equal odds; right while no word is rejected (chance under 1e-17)."""
    words = list(first_words(key, name, start))
    size = [4, 6][words[0] % 2]
    drawn, letters = [words[0] % 2], "A" * (size // 2) + "B" * (size // 2)
    shuffled = list(letters)
    for step, i in enumerate(range(size - 1, 0, -1), 1):
        j = words[step] % (i + 1)
        drawn.append(j)
        shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
    return drawn, "".join(shuffled)


def one_by_one(key: bytes, name: str, odds_after: Odds, people: int) -> list[Step]:
    """One word a position, its remainder below the sum of the odds; right if none is rejected."""
    steps: list[Step] = []
    arms = ""
    for position in range(1, people + 1):
        odds = odds_after(arms)
        word = first_words(key, name, position)[0]
        urn = "".join("ABC"[i] * share for i, share in enumerate(odds))
        arms += urn[word % len(urn)]
        steps.append((odds, word, word % len(urn), arms[-1]))
    return steps


def behind(arms: str, much: int, little: int) -> list[int]:
    ahead = arms.count("A") - arms.count("B")
    return [1, 1] if ahead == 0 else [little, much] if ahead > 0 else [much, little]


def within(arms: str, limit: int, much: int, little: int) -> list[int]:
    full = abs(arms.count("A") - arms.count("B")) == limit
    return behind(arms, 1, 0) if full else behind(arms, much, little)


def wei(arms: str) -> list[int]:
    return [1 + arms.count("B"), 1 + arms.count("A")]


def block_urn(arms: str) -> list[int]:
    """Ratio 2:1, twice the ratio at the start: AAAABB; a drawn AAB goes back."""
    urn, apart = "AAAABB", ""
    for arm in arms:
        urn, apart = urn.replace(arm, "", 1), apart + arm
        if apart.count("A") >= 2 and "B" in apart:
            urn, apart = urn + "AAB", apart.replace("A", "", 2).replace("B", "", 1)
    return [urn.count("A"), urn.count("B")]


def completions(arms: str) -> list[int]:
    """Every way to eight people, four of each arm, with never more than two ahead."""
    return [
        sum(
            full.startswith(arms + arm) and full.count("A") == 4 and never_past(full, 2)
            for full in map("".join, product("AB", repeat=8))
        )
        for arm in "AB"
    ]


def never_past(arms: str, limit: int) -> bool:
    return all(
        abs(arms[:i].count("A") - arms[:i].count("B")) <= limit for i in range(len(arms) + 1)
    )


ONE_BY_ONE: dict[str, tuple[tuple[int, ...], dict[str, object], Odds]] = {
    "simple": ((2, 2, 1), {}, lambda _: [2, 2, 1]),
    "random_allocation_rule": (
        (1, 1),
        {"people": 8},
        lambda arms: [4 - arms.count("A"), 4 - arms.count("B")],
    ),
    "efron_biased_coin": ((1, 1), {"p": Fraction(2, 3)}, lambda arms: behind(arms, 2, 1)),
    "chen_biased_coin": (
        (1, 1),
        {"p": Fraction(3, 5), "tolerance": 2},
        lambda arms: within(arms, 2, 3, 2),
    ),
    "big_stick": ((1, 1), {"tolerance": 2}, lambda arms: within(arms, 2, 1, 1)),
    "wei_urn": ((1, 1), {"alpha": 1, "beta": 1}, wei),
    "block_urn": ((2, 1), {"balanced_sets": 2}, block_urn),
    "maximal_procedure": ((1, 1), {"people": 8, "tolerance": 2}, completions),
}
ONE_LIST = '["demo/duration",1,[]]'


if __name__ == "__main__":
    print("commit_r", hashlib.sha256(R).hexdigest())  # noqa: T201
    print("key", KEY.hex())  # noqa: T201
    print("commitment", hashlib.sha256(DESIGN + KEY + SALT).hexdigest())  # noqa: T201
    for name in (LIST, '["demo/duration",1,["other","FI"]]'):
        text = name.encode()
        print(name, len(text))  # noqa: T201
        print((struct.pack(">I", len(text)) + text + struct.pack(">QQ", 1, 0)).hex())  # noqa: T201
        print(digest(LIST_KEY, name, 1, 0).hex())  # noqa: T201
        position, arms = 1, ""
        while len(arms) < 16:
            drawn, block = block_1_to_1(LIST_KEY, name, position)
            first = [f"{word:016x}" for word in first_words(LIST_KEY, name, position)]
            print(position, first, drawn, block)  # noqa: T201
            position, arms = position + len(block), arms + block
    for method, (_, _, odds_after) in ONE_BY_ONE.items():
        print(method)  # noqa: T201
        for position, step in enumerate(one_by_one(LIST_KEY, ONE_LIST, odds_after, 8), 1):
            print(f"| {position} | {step[0]} | {step[1]:016x} | {step[2]} | {step[3]} |")  # noqa: T201
