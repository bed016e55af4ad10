"""Check a Sarcomere proof bundle: derive every allocation again from the key, and compare.

    python verify.py BUNDLE.json [--commitment HEX]... [--last-number N]

This program needs Python 3.10 or later and nothing else. It follows docs/randomisation-protocol.md;
"section" below means a section of that document. The value for --commitment is printed on the
certificate of each design version. The value for --last-number is the highest number on any
receipt. Both come from outside the bundle: without them a wholly replaced bundle, or one whose last
events were removed, cannot be detected. The exit status is 0 when everything agrees. It is 1 when
something differs or cannot be read; the first such place is named.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import combinations, count, islice
from math import isqrt, lcm
from pathlib import Path
from typing import Any

FORMAT, FORMAT_VERSION = "sarcomere-randomisation-proof", 2
WORD = 2**64
FURTHEST = 1_000_000  # the largest list position that is derived; a larger one is an error
FRACTION = re.compile("[1-9][0-9]{0,2}/([1-9][0-9]{0,2}|1000)")

# A shape says what a JSON value must be. It is a name in IS, or a range of whole numbers, or
# [shape]: a list of such values, or {name: shape}: an object with exactly these names, or
# (shape,): such a value or null.
IS: dict[str, Callable[[Any], bool]] = {
    "anything": lambda _: True,
    "list": lambda value: isinstance(value, list),
    "null": lambda value: value is None,
    "empty": lambda value: value == [],
    "object": lambda value: isinstance(value, dict),
    "text": lambda value: isinstance(value, str) and value != "",
    "mistake": lambda value: value in ("ineligible", "wrong_stratum", "twice", "wrong_person"),
    "p": lambda value: (
        IS["fraction"](value) and Fraction(value).denominator == int(value.split("/")[1])
    ),
    "fraction": lambda value: isinstance(value, str) and bool(FRACTION.fullmatch(value)),
    "measure": lambda value: value in MEASURES,
    "rule": lambda value: value in ("count", "leave_out"),
    "whole": lambda value: type(value) is int,  # true and false are not whole numbers
    "bytes": lambda value: isinstance(value, str) and bool(re.fullmatch("([0-9a-f]{2})+", value)),
    "32 bytes": lambda value: IS["bytes"](value) and len(value) == 64,
}
BUNDLE = dict.fromkeys(["format", "study", "randomisation"], "text")
BUNDLE |= dict.fromkeys(["format_version", "last_number"], "whole")
BUNDLE |= {"designs": "list", "events": "list", "lists": "object"}
UNSEALED = dict.fromkeys(["r", "key", "salt", "r_commitment", "commitment"], "32 bytes")
UNSEALED |= {"design": "object", "v": "bytes"}
FACTORS = [{"name": "text", "levels": (["text"],)}]
DESIGN = {
    "arms": [{"name": "text", "ratio": range(1, 2**32)}],
    "factors": FACTORS,
    **dict.fromkeys(["method", "randomisation"], "text"),
    "version": range(1, WORD),
}
IN_LIST = {"design_version": "whole", "list_name": "text", "list_position": "whole"}
NOWHERE = dict.fromkeys(IN_LIST, "null")
ALLOCATED = {"arm": "text", "levels": "object", "participant": "text"}
NOTES = {"annotations": [{"mistake": "mistake", "levels": "anything", "after": "whole"}]}
BLANK = {**dict.fromkeys(ALLOCATED, "null"), "annotations": "empty"}
ASIDE = {"kind": "text", "number": ("whole",), **IN_LIST, **BLANK}
EVENTS = {
    "allocated": {"kind": "text", "number": "whole", **IN_LIST, **ALLOCATED, **NOTES},
    "reentered": {"kind": "text", "number": "whole", **IN_LIST, **ALLOCATED, **NOTES},
    "envelope": {"kind": "text", "number": "whole", **IN_LIST, **ALLOCATED, **NOTES},
    "counted": {"kind": "text", "number": "whole", **NOWHERE, **ALLOCATED, **NOTES},
    **dict.fromkeys(["reserved", "returned"], ASIDE),
    "lost": {**ASIDE, **{name: (shape,) for name, shape in IN_LIST.items()}},
    "elsewhere": {"kind": "text", "number": "whole", **NOWHERE, **BLANK},
}


class Wrong(Exception):
    """The bundle cannot be read beyond this place; the message names the place and the error."""


def canonical(value: object) -> bytes:
    """Return the canonical JSON of section 2: sorted keys, no spaces, UTF-8."""
    spaceless = (",", ":")
    return json.dumps(value, sort_keys=True, separators=spaceless, ensure_ascii=False).encode()


def words(key: bytes, list_name: str, position: int) -> Iterator[int]:
    """Yield the 64-bit words of section 6; each digest gives eight."""
    name = list_name.encode("utf-8")
    message = len(name).to_bytes(4, "big") + name + position.to_bytes(8, "big")
    for counter in count():
        text = message + counter.to_bytes(8, "big")
        digest = hashlib.blake2b(text, digest_size=64, key=key, person=b"sarcomere-draw").digest()
        for start in range(0, 64, 8):
            yield int.from_bytes(digest[start : start + 8], "big")


def below(source: Iterator[int], n: int) -> int:
    """Return the next integer from 0 to n - 1, each equally likely (sections 6 and 10.8)."""
    size = max(1, -(-(n - 1).bit_length() // 64))
    limit = WORD**size - WORD**size % n
    while True:
        joined = 0
        for word in islice(source, size):
            joined = joined * WORD + word
        if joined < limit:
            return joined % n


def pick(source: Iterator[int], odds: Sequence[int]) -> int:
    """Draw an integer below the sum of the odds; return the index of the odds that it falls in."""
    remainder, index = below(source, sum(odds)), 0
    while remainder >= odds[index]:
        remainder -= odds[index]
        index += 1
    return index


def coin(counts: list[int], much: int, little: int) -> list[int]:
    """Return the odds of two arms: even at a tie, otherwise `much` for the arm with fewer."""
    if counts[0] == counts[1]:
        return [1, 1]
    return [much, little] if counts[0] < counts[1] else [little, much]


@cache
def ways(people: int, tolerance: int) -> list[list[int]]:
    """Return how many ways r allocations bring a difference d to 0 within the tolerance: [r][d]."""
    rows = [[1] + [0] * (tolerance + 1)]
    for _ in range(people):
        row = rows[-1]
        rows.append([*(row[abs(d - 1)] + row[d + 1] for d in range(tolerance + 1)), 0])
    return rows


@dataclass
class Design:
    """One unsealed design version; a function for each method returns the odds of every arm."""

    plain: dict[str, Any]
    arms: list[str]
    ratios: list[int]
    levels: dict[str, list[str] | None]
    key: bytes
    commitment: str

    def draw_adaptive_arm(self, rows: list[list[int]], list_name: str, position: int) -> str:
        """Return the arm that an adaptive method draws with these counts (section 11)."""
        odds = getattr(self, self.plain["method"])(rows)
        return self.arms[pick(words(self.key, list_name, position), odds)]

    def arms_of(self, list_name: str, method: str) -> Iterator[str]:
        """Yield the arms of a list; a method of section 10 ends when all odds are 0."""
        if method == "permuted_blocks":
            yield from self.permuted_blocks(list_name)
        if method == "uploaded_list":
            yield from self.uploaded_list(list_name)
            return
        counts = [0] * len(self.arms)
        while any(odds := getattr(self, method)(counts)):
            index = pick(words(self.key, list_name, sum(counts) + 1), odds)
            counts[index] += 1
            yield self.arms[index]

    def permuted_blocks(self, list_name: str) -> Iterator[str]:
        """Yield the arms of a list from position 1 on, block by block (section 7)."""
        sizes, weights, start = self.plain["sizes"], self.plain["weights"], 1
        while True:
            source = words(self.key, list_name, start)
            times = sizes[pick(source, weights)] // sum(self.ratios)
            pairs = zip(self.arms, self.ratios, strict=True)
            block = [name for name, ratio in pairs for _ in range(ratio * times)]
            for last in range(len(block) - 1, 0, -1):
                other = below(source, last + 1)
                block[last], block[other] = block[other], block[last]
            yield from block
            start += len(block)

    def uploaded_list(self, list_name: str) -> list[str]:
        """Return the arms of the uploaded list of this stratum (section 12)."""
        levels = json.loads(list_name)[2]
        lists = self.plain["lists"]
        return next((uploaded["arms"] for uploaded in lists if uploaded["levels"] == levels), [])

    def simple(self, _: list[int]) -> list[int]:
        """Return the odds of simple randomisation: the ratio (section 10.1)."""
        return self.ratios

    def random_allocation_rule(self, counts: list[int]) -> list[int]:
        """Return the places left for each arm: the random allocation rule (section 10.2)."""
        times = self.plain["people"] // sum(self.ratios)
        return [times * ratio - n for ratio, n in zip(self.ratios, counts, strict=True)]

    def efron_biased_coin(self, counts: list[int]) -> list[int]:
        """Return the odds of Efron's biased coin (section 10.3)."""
        numerator, denominator = map(int, self.plain["p"].split("/"))
        return coin(counts, numerator, denominator - numerator)

    def chen_biased_coin(self, counts: list[int]) -> list[int]:
        """Return the odds of Chen's biased coin (section 10.4)."""
        full = abs(counts[0] - counts[1]) == self.plain["tolerance"]
        return coin(counts, 1, 0) if full else self.efron_biased_coin(counts)

    def big_stick(self, counts: list[int]) -> list[int]:
        """Return the odds of the big stick (section 10.5)."""
        return coin(counts, 1, 0 if abs(counts[0] - counts[1]) == self.plain["tolerance"] else 1)

    def wei_urn(self, counts: list[int]) -> list[int]:
        """Return the balls of each arm in Wei's urn (section 10.6)."""
        urn = [self.plain["alpha"] + self.plain["beta"] * (sum(counts) - n) for n in counts]
        return urn if any(urn) else [1] * len(urn)

    def block_urn(self, counts: list[int]) -> list[int]:
        """Return the balls of each arm in the block urn (section 10.7)."""
        pairs = list(zip(self.ratios, counts, strict=True))
        sets = self.plain["balanced_sets"] + min(n // ratio for ratio, n in pairs)
        return [ratio * sets - n for ratio, n in pairs]

    def maximal_procedure(self, counts: list[int]) -> list[int]:
        """Return how many sequences go on with each arm: the maximal procedure (section 10.8)."""
        people, ahead = self.plain["people"], counts[0] - counts[1]
        if sum(counts) == people:
            return [0, 0]
        row = ways(people, self.plain["tolerance"])[people - sum(counts) - 1]
        return [row[abs(ahead + 1)], row[abs(ahead - 1)]]

    def minimisation(self, rows: list[list[int]]) -> list[int]:
        """Find the arms with the smallest imbalance; return the odds of every arm (11.1)."""
        ratios, total = self.ratios, sum(self.ratios)
        if sum(rows[0]) < self.plain["first"]:
            return ratios
        scores, units = [], [lcm(*ratios) // ratio for ratio in ratios]
        for arm in range(len(ratios)):
            put = [[n + (i == arm) for i, n in enumerate(row)] for row in rows[1:-1]]
            scaled = [[n * unit for n, unit in zip(row, units, strict=True)] for row in put]
            measured = map(MEASURES[self.plain["measure"]], scaled)
            scores.append(list(zip(self.plain["factor_weights"], measured, strict=True)))
        roots = self.plain["measure"] == "standard_deviation"
        best = [not any(is_less(other, score, roots) for other in scores) for score in scores]
        tied = sum(ratio for ratio, is_best in zip(ratios, best, strict=True) if is_best)
        numerator, denominator = map(int, self.plain["p"].split("/"))
        much, little = denominator * (total - min(ratios)), denominator - numerator
        preferred = [r * (much - (total - r) * little + (tied - r) * little) for r in ratios]
        others = [ratio * little * tied for ratio in ratios]
        return [p if b else o for p, o, b in zip(preferred, others, best, strict=True)]

    def hu_hu(self, rows: list[list[int]]) -> list[int]:
        """Return the odds of Hu and Hu's method (section 11.2)."""
        weights = [self.plain["overall_weight"], *self.plain["factor_weights"]]
        pairs = list(zip([*weights, self.plain["stratum_weight"]], rows, strict=True))
        first, second = (sum(w * (a - b + step) ** 2 for w, (a, b) in pairs) for step in (1, -1))
        numerator, denominator = map(int, self.plain["p"].split("/"))
        return coin([first, second], numerator, denominator - numerator)


MEASURES: dict[str, Callable[[list[int]], Any]] = {  # the measures of imbalance of section 11.1
    "range": lambda row: max(row) - min(row),
    "variance": lambda row: len(row) * sum(c * c for c in row) - sum(row) ** 2,
    "squared_difference": lambda row: (row[0] - row[1]) ** 2,
    "marginal_balance": lambda row: Fraction(
        sum(abs(c - d) for c, d in combinations(row, 2)), (len(row) - 1) * sum(row)
    ),
}
MEASURES["standard_deviation"] = MEASURES["variance"]  # is_less takes the root


def is_less(score: list[tuple[int, Any]], other: list[tuple[int, Any]], are_roots: bool) -> bool:
    """Return whether the first weighted sum is smaller than the other; the comparison is exact.

    A term is (weight, value): weight × value or, with `are_roots`, weight × √value. A difference of
    0 is found by algebra, another one's sign by bounding the roots ever more closely.
    """
    terms = [*score, *((-weight, value) for weight, value in other)]
    if not are_roots:
        return bool(sum(weight * value for weight, value in terms) < 0)
    roots: dict[int, Fraction] = {}  # the product of two of these radicands is never a square
    for weight, value in terms:
        like = next((r for r in roots if isqrt(r * value) ** 2 == r * value), value)
        if value:
            roots[like] = roots.get(like, Fraction(0)) + Fraction(
                weight * isqrt(like * value), like
            )
    for places in count(32, 32) if any(roots.values()) else ():
        lower_roots = [(times, isqrt(value << 2 * places)) for value, times in roots.items()]
        low, high = (
            sum(times * (root + ((times > 0) == is_upper)) for times, root in lower_roots)
            for is_upper in (False, True)
        )
        if low > 0 or high < 0:
            return high < 0
    return False


WEIGHED = {"minimised": FACTORS, "p": "p", "mistakes": "rule"}
PEOPLE, TOLERANCE = {"people": range(1, 1001)}, {"tolerance": range(1, 51)}
TWO_EQUAL = {"efron_biased_coin", "chen_biased_coin", "big_stick", "maximal_procedure", "hu_hu"}
ADAPTIVE = {"minimisation", "hu_hu"}
METHODS: dict[str, dict[str, Any]] = {  # the shape of each method's parameters
    "permuted_blocks": {"sizes": [range(1, 101)], "weights": [range(1, WORD)]},
    "simple": {},
    "random_allocation_rule": PEOPLE,
    "efron_biased_coin": {"p": "p"},
    "chen_biased_coin": {"p": "p", **TOLERANCE},
    "big_stick": TOLERANCE,
    "wei_urn": {"alpha": range(1001), "beta": range(1001)},
    "block_urn": {"balanced_sets": range(1, 51)},
    "maximal_procedure": {**PEOPLE, **TOLERANCE},
    "uploaded_list": {
        "file_hash": "32 bytes",
        "lists": [{"levels": ["text"], "arms": ["text"]}],
    },
    "minimisation": {
        **WEIGHED,
        "measure": "measure",
        "factor_weights": [range(1, 1001)],
        "first": range(1001),
    },
    "hu_hu": {
        **WEIGHED,
        "factor_weights": [range(1001)],
        "overall_weight": range(1001),
        "stratum_weight": range(1001),
    },
}


def require(right: bool, message: str) -> None:
    """Raise Wrong with this message unless the condition holds."""
    if not right:
        raise Wrong(message)


def require_shape(value: Any, shape: Any, place: str) -> None:
    """Raise Wrong unless the value has the shape (see above IS); `place` says where it is."""
    if isinstance(shape, tuple):
        require_shape(value, "null" if value is None else shape[0], place)
    elif isinstance(shape, list):
        require(isinstance(value, list), f"{place}: this is not a list.")
        for inner in value:
            require_shape(inner, shape[0], place)
    elif isinstance(shape, dict):
        odd = shape.keys() ^ (value.keys() if isinstance(value, dict) else {})
        out = f"{place}: missing or out of place: {', '.join(sorted(odd))}."
        require(isinstance(value, dict) and not odd, out)
        for key in shape:
            require_shape(value[key], shape[key], f"{place}: {key}")
    else:
        right = IS["whole"](value) and value in shape if type(shape) is range else IS[shape](value)
        if not right:
            raise Wrong(f"{place} is {json.dumps(value)[:60]}, which is not allowed here.")


def read_design(unsealed: Any, randomisation: str, place: str) -> Design:
    """Return one design version; raise Wrong for a wrong shape or an impossible design."""
    require_shape(unsealed, UNSEALED, place)
    plain = unsealed["design"]
    method = str(plain.get("method"))
    require(method in METHODS, f"{place}: this program does not know the method {method}.")
    require_shape(plain, {**DESIGN, **METHODS[method]}, place)
    other = plain["randomisation"]
    require(other == randomisation, f"{place}: it belongs to the randomisation {other}.")
    arms, ratios = ([arm[key] for arm in plain["arms"]] for key in ("name", "ratio"))
    factors = [*plain["factors"], *plain.get("minimised", [])]
    levels = {factor["name"]: factor["levels"] for factor in factors}
    factor_names = [factor["name"] for factor in factors]
    for names in [arms, factor_names, *(codes or [] for codes in levels.values())]:
        require(len(set(names)) == len(names), f"{place}: a name is repeated in {names}.")
    require_possible(plain, ratios, place)
    key = bytes.fromhex(unsealed["key"])
    return Design(plain, arms, ratios, levels, key, unsealed["commitment"])


def require_possible(plain: dict[str, Any], ratios: list[int], place: str) -> None:
    """Raise Wrong for a design from which no list can be made."""
    method, total = plain["method"], sum(ratios)
    require(len(ratios) >= 2, f"{place}: a design needs two arms or more.")
    sizes, weights = plain.get("sizes", [total]), plain.get("weights", [1])
    right = len(sizes) == len(weights) and 1 <= sum(weights) < WORD
    require(right, f"{place}: block sizes and weights do not match.")
    for size in [*sizes, plain.get("people", 0)]:
        require(size % total == 0, f"{place}: the size {size} is not possible with this ratio.")
    right = method not in TWO_EQUAL or ratios == [1, 1]
    if method == "wei_urn":
        right = len(set(ratios)) == 1 and plain["alpha"] + plain["beta"] > 0
    p, least = Fraction(plain.get("p", "1/2")), Fraction(min(ratios), total)
    right = right and (least if method == "minimisation" else Fraction(1, 2)) <= p <= 1
    right = right and (p < 1 or method in ADAPTIVE)
    if method in ADAPTIVE:
        given = [plain.get("overall_weight", 1), *plain["factor_weights"]]
        right = right and len(plain["minimised"]) == len(plain["factor_weights"]) > 0
        right = right and sum(given) + plain.get("stratum_weight", 0) > 0
        right = right and (plain.get("measure") != "squared_difference" or len(ratios) == 2)
    require(right, f"{place}: {method} is not possible with these arms and parameters.")


def check_keys(unsealed: Any, design: Design, place: str) -> Iterator[str]:
    """Yield which stored values do not follow from R, v, salt and design (sections 3 and 4)."""
    r, v, salt = (bytes.fromhex(unsealed[name]) for name in ("r", "v", "salt"))
    if hashlib.sha256(r).hexdigest() != unsealed["r_commitment"]:
        yield f"{place}: SHA-256 of R is not r_commitment, recorded before v was given."
    if hmac.digest(r, b"sarcomere-list-key-2\0" + v, "sha256") != design.key:
        yield f"{place}: the key is not the HMAC of v under R (section 4)."
    covered = canonical(unsealed["design"]) + design.key + salt
    if hashlib.sha256(covered).hexdigest() != design.commitment:
        yield f"{place}: the commitment is not that of this design, key and salt."


def list_of(design: Design, levels: dict[str, str], place: str) -> str:
    """Return the name of the list for these levels (section 5); raise Wrong for unknown levels."""
    for name, code in levels.items():
        right = code in (design.levels[name] or [code])
        require(right, f"{place}: {name} is {code!r}, which is not one of its levels.")
    codes = [levels[factor["name"]] for factor in design.plain["factors"]]
    plain = design.plain
    return canonical([plain["randomisation"], plain["version"], codes]).decode("utf-8")


def levels_of(event: Any, number: int, rule: str) -> dict[str, str]:
    """Return the levels with which a participant counts when this number is allocated.

    {} means not at all. Earlier annotations matter only under the rule "leave_out" (section 11).
    """
    levels: dict[str, str] = event["levels"]
    for annotation in event["annotations"] if rule == "leave_out" else []:
        if annotation["after"] < number:
            right = annotation["mistake"] == "wrong_stratum" and levels
            levels = (annotation["levels"] or levels) if right else {}
    return levels


@dataclass
class Walk:
    """The state of the check after the events read so far."""

    designs: dict[int, Design] = field(default_factory=dict)
    title: str = ""
    number: int = 0  # the highest study-wide number
    ends: dict[str, int] = field(default_factory=dict)  # the last position of each list
    lists: dict[str, tuple[list[str], Iterator[str]]] = field(default_factory=dict)
    participants: dict[str, int] = field(default_factory=dict)
    allocated: list[Any] = field(default_factory=list)
    opened: set[tuple[str, int]] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def note(self, wrong: bool, message: str) -> None:
        """Add the message to the problems if the condition is true; the check goes on."""
        self.problems += [message] * wrong

    def read_designs(self, bundle: Any) -> None:
        """Read every design version and note what is wrong with its key."""
        for index, unsealed in enumerate(bundle["designs"], 1):
            place = f"design {index}"
            design = read_design(unsealed, bundle["randomisation"], place)
            version = design.plain["version"]
            require(version not in self.designs, f"{place}: version {version} is repeated.")
            place = f"{place} (version {version})"
            again = any(design.key == earlier.key for earlier in self.designs.values())
            self.note(again, f"{place}: the key is that of another version.")
            self.designs[version] = design
            self.problems += check_keys(unsealed, design, place)
        require(bool(self.designs), "bundle: it holds no design, so nothing can be derived.")

    def follow(self, index: int, event: Any) -> None:
        """Check the next event (sections 5 and 8) and update the state of the check."""
        place = f"event {index}"
        kind = str(event.get("kind")) if isinstance(event, dict) else ""
        require(kind in EVENTS, f"{place}: the kind {kind!r} is not known.")
        require_shape(event, EVENTS[kind], place)
        if event["number"] is not None:
            number, expected = event["number"], self.number + 1
            place = f"{place} (number {number})"
            order = f"{place}: out of order or repeated; number {expected} comes next."
            self.note(number < expected, order)
            self.note(number > expected, f"{place}: number {expected} is missing before it.")
            self.number = max(self.number, number)
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if kind in ("reentered", "counted"):
            designs = self.designs.values()
            own = [d for d in designs if event["design_version"] in (None, d.plain["version"])]
            right = any(design.plain["method"] in ADAPTIVE for design in own)
            self.note(not right, f"{place}: no method in the bundle has events that are {kind}.")
        if kind in ("allocated", "reentered", "envelope", "counted"):
            self.check_person(event, place)
            if kind != "counted":
                self.check_allocation(event, place)
            self.allocated.append(event)
        elif kind != "elsewhere":
            self.check_set_aside(event, place)

    def check_allocation(self, event: Any, place: str) -> None:
        """Check that list, position and arm follow from the levels, the list's end and the key."""
        design = self.design_of(event, place)
        require_shape(event["levels"], dict.fromkeys(design.levels, "text"), f"{place}, levels")
        expected = list_of(design, event["levels"], place)
        list_name, position, arm = (event[name] for name in ("list_name", "list_position", "arm"))
        if event["kind"] == "envelope":
            self.check_envelope(design, event, place)
        elif list_name != expected:
            self.note(True, f"{place}: its list is {list_name}; its levels pick another.")
        elif self.check_position(list_name, position, place):
            derived = self.arm_of(design, event) or "nothing"
            place = f"{place}: list {list_name}, position {position}"
            self.note(arm != derived, f"{place}: the arm is {arm}; the key gives {derived}.")

    def check_envelope(self, design: Design, event: Any, place: str) -> None:
        """Check an opened envelope (section 13): a site's own list, opened once, in any order."""
        list_name, position, arm = (event[name] for name in ("list_name", "list_position", "arm"))
        name = [design.plain["randomisation"], design.plain["version"], "envelopes"]
        with suppress(ValueError, LookupError, TypeError, RecursionError):
            name.append(str(json.loads(list_name)[3]))
        right = list_name == canonical(name).decode("utf-8") and 1 <= position <= FURTHEST
        require(
            right, f"{place}: {list_name!r}, position {position}, is not an envelope of its design."
        )
        place = f"{place}: list {list_name}, position {position}"
        self.note((list_name, position) in self.opened, f"{place}: opened before.")
        self.opened.add((list_name, position))
        follows = design.plain["method"] not in {*ADAPTIVE, "uploaded_list"}
        method = design.plain["method"] if follows else "simple"
        derived = self.arm_at(list_name, position, design, method) or "nothing"
        self.note(arm != derived, f"{place}: the arm is {arm}; the key gives {derived}.")

    def check_person(self, event: Any, place: str) -> None:
        """Check that the participant has no earlier number and that annotations are in order."""
        earlier = self.participants.setdefault(event["participant"], self.number)
        self.note(earlier != self.number, f"{place}: its participant already has number {earlier}.")
        order = [event["number"], *(annotation["after"] for annotation in event["annotations"])]
        self.note(order != sorted(order), f"{place}: its annotations are out of order.")

    def check_set_aside(self, event: Any, place: str) -> None:
        """Check a position set aside (reserved, returned, lost); a lost one may be unknown."""
        list_name, position = event["list_name"], event["list_position"]
        if list_name is None:
            right = event["number"] is not None and position is None
            require(right, f"{place}: it needs a number alone or a position in a list.")
            return
        require_shape(event, EVENTS["reserved"], place)
        design = self.design_of(event, place)
        try:
            strata = [factor["name"] for factor in design.plain["factors"]]
            codes = [str(code) for code in json.loads(list_name)[2]]
            right = list_name == list_of(design, dict(zip(strata, codes, strict=True)), place)
        except (ValueError, LookupError, TypeError, RecursionError):
            raise Wrong(f"{place}: {list_name!r} is not the name of a list.") from None
        require(right, f"{place}: {list_name!r} is not a list of this design.")
        self.check_position(list_name, position, place)

    def design_of(self, event: Any, place: str) -> Design:
        """Return the design version under which the event was made."""
        version = event["design_version"]
        right = version in self.designs
        require(right, f"{place}: the bundle holds no design of version {version}.")
        return self.designs[version]

    def check_position(self, list_name: str, position: int, place: str) -> bool:
        """Note a position that is not the list's next; return whether an arm can be derived."""
        expected = self.ends.get(list_name, 0) + 1
        message = f"position {position} where {expected} comes next"
        self.note(position != expected, f"{place}: list {list_name}: {message}.")
        if not 1 <= position <= FURTHEST:
            return False
        self.ends[list_name] = max(position, self.ends.get(list_name, 0))
        return True

    def arm_of(self, design: Design, event: Any) -> str | None:
        """Return the arm that the key gives for this event; None after the end of its list."""
        list_name, position = event["list_name"], event["list_position"]
        if design.plain["method"] in ADAPTIVE:
            if event["kind"] == "reentered" and event["arm"] in design.arms:
                return str(event["arm"])  # known from the signed receipt
            return design.draw_adaptive_arm(self.rows(design, event), list_name, position)
        return self.arm_at(list_name, position, design, design.plain["method"])

    def arm_at(self, list_name: str, position: int, design: Design, method: str) -> str | None:
        """Return the arm at a position of a list that follows from the key; None after its end."""
        arms, source = self.lists.setdefault(list_name, ([], design.arms_of(list_name, method)))
        arms.extend(islice(source, max(0, position - len(arms))))
        return arms[position - 1] if position <= len(arms) else None

    def rows(self, design: Design, event: Any) -> list[list[int]]:
        """Count earlier participants by arm: in the stratum, by factor level, by all levels."""
        factors = [factor["name"] for factor in design.plain["minimised"]]
        groups = [[], *([name] for name in factors), factors]
        rows, levels = [[0] * len(design.arms) for _ in groups], event["levels"]
        strata = [factor["name"] for factor in design.plain["factors"]]
        for earlier in self.allocated:
            had = levels_of(earlier, event["number"], design.plain["mistakes"])
            if earlier["arm"] in design.arms and all(had.get(n) == levels[n] for n in strata):
                for row, names in zip(rows, groups, strict=True):
                    like = all(had.get(name) == levels[name] for name in names)
                    row[design.arms.index(earlier["arm"])] += like and had != {}
        return rows

    def check_ends(self, bundle: Any, at_least: int | None) -> None:
        """Check that the events end where the bundle and the receipt say they do."""
        end, last_number, lists = self.number, bundle["last_number"], bundle["lists"]
        self.note(end < (at_least or 0), f"bundle: it ends at number {end}, before {at_least}.")
        ends = f"the events end at number {end}; the last given out was {last_number}"
        self.note(last_number != end, f"bundle: {ends}.")
        for list_name in sorted({*lists, *self.ends}):
            stated, actual = lists.get(list_name, 0), self.ends.get(list_name, 0)
            ends = f"ends at position {actual}; {stated} is stated"
            self.note(stated != actual, f"bundle: list {list_name} {ends}.")


def check(bundle: Any, commitments: Sequence[str] = (), last_number: int | None = None) -> Walk:
    """Check a bundle read from JSON; `problems` of the result is empty when everything agrees."""
    walk = Walk()
    try:
        require_shape(bundle, BUNDLE, "bundle")
        right = (bundle["format"], bundle["format_version"]) == (FORMAT, FORMAT_VERSION)
        require(right, f"bundle: its format is not {FORMAT}, version {FORMAT_VERSION}.")
        walk.title = f"{bundle['study']}, {bundle['randomisation']}"
        walk.read_designs(bundle)
        in_bundle = {design.commitment for design in walk.designs.values()}
        for given in map(str.strip, commitments):
            missing = given.lower() not in in_bundle
            walk.note(missing, f"bundle: no design has the commitment {given}.")
        for index, event in enumerate(bundle["events"], 1):
            walk.follow(index, event)
        walk.check_ends(bundle, last_number)
    except Wrong as wrong:
        walk.problems.append(str(wrong))
    return walk


def refuse_repeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Raise ValueError for an object that repeats a name: programs differ in which value counts."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError(f"an object repeats a name: {[name for name, _ in pairs]}")
    return dict(pairs)


def read_bundle(data: bytes) -> object:
    """Return the bundle read from bytes; raises ValueError for anything but plain JSON."""
    try:
        bundle: object = json.loads(data, object_pairs_hook=refuse_repeated)
        canonical(bundle)  # raises ValueError for a lone surrogate, which has no UTF-8
        return bundle
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def say(text: str) -> None:
    """Print in ASCII with escapes, so that text in a bundle cannot control the terminal."""
    print(text.encode("unicode_escape").decode("ascii"))


def show(walk: Walk, commitments: Sequence[str]) -> None:
    """Print what agrees, or the first 20 problems and how many there are."""
    if walk.problems:
        say(f"DIFFERS: {walk.problems[0]}")
        for problem in walk.problems[1:20]:
            say(f"    also: {problem}")
        say(f"    {len(walk.problems)} problems in all.")
        return
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(walk.counts.items()))
    say(f"AGREES: {walk.title}: {counts or 'no event'}; {len(walk.ends)} lists.")
    given = {commitment.strip().lower() for commitment in commitments}
    for version, design in sorted(walk.designs.items()):
        status = "as given" if design.commitment in given else "compare it with the certificate"
        say(f"    version {version}: commitment {design.commitment} ({status})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the bundle named on the command line and print the result; return the exit status."""
    parser = argparse.ArgumentParser(description="Check a Sarcomere randomisation proof bundle.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--commitment", action="append", default=[], metavar="HEX")
    parser.add_argument("--last-number", type=int, metavar="N")
    given = parser.parse_args(arguments)
    try:
        bundle = read_bundle(data := given.bundle.read_bytes())
    except (OSError, ValueError) as error:
        say(f"DIFFERS: {given.bundle} cannot be read: {error}")
        return 1
    walk = check(bundle, given.commitment, given.last_number)
    show(walk, given.commitment)
    say(f"    SHA-256 of the file: {hashlib.sha256(data).hexdigest()}")
    return 1 if walk.problems else 0


if __name__ == "__main__":
    sys.exit(main())
