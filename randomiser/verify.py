"""Check a Sarcomere proof bundle: derive every allocation again from the key, and compare.

    python verify.py BUNDLE.json [--commitment HEX]... [--last-number N]

Stands alone (Python 3.10 or later, nothing else) and follows docs/randomisation-protocol.md, whose
sections are named below. --commitment is on the certificate printed when a design was activated,
--last-number is the highest number on any receipt: both come from outside the bundle, and only they
show that a whole bundle was replaced or its end cut off. Exit status 0: all agrees; 1: something
differs or cannot be read, and the first such thing is named.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TypeVar

FORMAT, FORMAT_VERSION = "sarcomere-randomisation-proof", 1
WORD = 2**64
FURTHEST = 1_000_000  # a list position past this is a fault, not something to derive
LARGEST_BLOCK = 100
SHOWN = 20
BUNDLE_KEYS = "format format_version study randomisation designs events last_number lists"
UNSEALED_KEYS = "design r v key salt r_commitment commitment"
DESIGN_KEYS = "arms factors method randomisation sizes version weights"
OF_ALLOCATIONS = "arm levels participant"
OF_LISTS = "design_version list_name list_position"
EVENT_KEYS = f"kind number annotations {OF_LISTS} {OF_ALLOCATIONS}"
SET_ASIDE = {"reserved", "returned", "lost"}
MISTAKES = {"ineligible", "wrong_stratum", "twice", "wrong_person"}
T = TypeVar("T")


class Wrong(Exception):
    """The bundle cannot be read past this place."""


@dataclass
class Design:
    """One unsealed design version."""

    version: int
    randomisation: str
    method: str
    arms: list[tuple[str, int]]
    factors: list[tuple[str, list[str] | None]]
    sizes: list[int]
    weights: list[int]
    key: bytes
    commitment: str


@dataclass
class Walk:
    """How far the events have been followed."""

    designs: dict[int, Design]
    title: str = ""
    number: int = 0
    ends: dict[str, int] = field(default_factory=dict)
    arms: dict[str, list[str]] = field(default_factory=dict)
    sources: dict[str, Iterator[str]] = field(default_factory=dict)
    participants: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def canonical(value: object) -> bytes:
    """Return the one spelling of section 2: sorted keys, no spaces, UTF-8."""
    spaceless = (",", ":")
    return json.dumps(value, sort_keys=True, separators=spaceless, ensure_ascii=False).encode()


def words(key: bytes, list_name: str, position: int) -> Iterator[int]:
    """Yield the 64-bit words of section 6, eight a digest."""
    name = list_name.encode("utf-8")
    message = len(name).to_bytes(4, "big") + name + position.to_bytes(8, "big")
    counter = 0
    while True:
        digest = hashlib.blake2b(
            message + counter.to_bytes(8, "big"), digest_size=64, key=key, person=b"sarcomere-draw"
        ).digest()
        for start in range(0, 64, 8):
            yield int.from_bytes(digest[start : start + 8], "big")
        counter += 1


def below(source: Iterator[int], n: int) -> int:
    """Take the next integer below n, passing over words that would favour some."""
    limit = WORD - WORD % n
    return next(word for word in source if word < limit) % n


def permuted_blocks(design: Design, list_name: str) -> Iterator[str]:
    """Yield the arms of a list from position 1 on, by section 7; one function a method."""
    ratio_sum = sum(ratio for _, ratio in design.arms)
    start = 1
    while True:
        source = words(design.key, list_name, start)
        chance = below(source, sum(design.weights))
        which = 0
        while chance >= design.weights[which]:
            chance -= design.weights[which]
            which += 1
        times = design.sizes[which] // ratio_sum
        block = [name for name, ratio in design.arms for _ in range(ratio * times)]
        for last in range(len(block) - 1, 0, -1):
            other = below(source, last + 1)
            block[last], block[other] = block[other], block[last]
        yield from block
        start += len(block)


METHODS = {"permuted_blocks": permuted_blocks}


def take(thing: object, key: str, kind: type[T], place: str) -> T:
    """Return thing[key], which must be of this kind (true and false are not whole numbers)."""
    if not isinstance(thing, dict) or key not in thing:
        raise Wrong(f"{place}: {key} is missing.")
    value = thing[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise Wrong(f"{place}: {key} is {json.dumps(value)[:60]}, which is not what belongs there.")
    return value


def require_keys(thing: object, names: str | list[str], place: str) -> dict[str, object]:
    """Return an object that has these names and no other."""
    keys = set(names.split() if isinstance(names, str) else names)
    if not isinstance(thing, dict) or set(thing) != keys:
        odd = keys ^ set(thing) if isinstance(thing, dict) else keys
        raise Wrong(f"{place}: missing or out of place: {', '.join(sorted(odd))}.")
    return thing


def take_bytes(thing: object, key: str, length: int | None, place: str) -> bytes:
    """Return thing[key] from hexadecimal."""
    text = take(thing, key, str, place)
    try:
        value = bytes.fromhex(text)
    except ValueError:
        raise Wrong(f"{place}: {key} is not hexadecimal.") from None
    if value.hex() != text or not value or (length is not None and len(value) != length):
        raise Wrong(f"{place}: {key} has the wrong length or is not lower-case hexadecimal.")
    return value


def read_texts(values: list[object], place: str) -> list[str]:
    """Return a list that must hold different texts and nothing else."""
    texts = [value for value in values if isinstance(value, str) and value]
    if len(texts) != len(values) or len(set(texts)) != len(texts):
        raise Wrong(f"{place}: not a list of different names.")
    return texts


def read_wholes(thing: object, key: str, place: str) -> list[int]:
    """Return thing[key], a list of whole numbers above zero."""
    values = take(thing, key, list, place)
    for value in values:
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise Wrong(f"{place}: {key} holds something else than whole numbers above zero.")
    return values


def read_design(unsealed: object, randomisation: str, place: str) -> Design:
    """Return one design version, its shape checked."""
    require_keys(unsealed, UNSEALED_KEYS, place)
    plain = require_keys(take(unsealed, "design", dict, place), DESIGN_KEYS, place)
    design = Design(
        version=take(plain, "version", int, place),
        randomisation=take(plain, "randomisation", str, place),
        method=take(plain, "method", str, place),
        arms=read_arms(plain, place),
        factors=read_factors(plain, place),
        sizes=read_wholes(plain, "sizes", place),
        weights=read_wholes(plain, "weights", place),
        key=take_bytes(unsealed, "key", 32, place),
        commitment=take_bytes(unsealed, "commitment", 32, place).hex(),
    )
    if design.randomisation != randomisation:
        raise Wrong(f"{place}: it is of the randomisation {design.randomisation}.")
    if design.method not in METHODS:
        raise Wrong(f"{place}: the method {design.method} is not one that this program knows.")
    require_possible(design, place)
    return design


def read_arms(plain: object, place: str) -> list[tuple[str, int]]:
    """Return (name, ratio) of each arm."""
    arms = take(plain, "arms", list, place)
    for arm in arms:
        require_keys(arm, "name ratio", f"{place}, arms")
    names = read_texts([arm["name"] for arm in arms], f"{place}, arms")
    ratios = [take(arm, "ratio", int, f"{place}, arms") for arm in arms]
    return list(zip(names, ratios, strict=True))


def read_factors(plain: object, place: str) -> list[tuple[str, list[str] | None]]:
    """Return (name, levels or None for open) of each factor."""
    found: list[tuple[str, list[str] | None]] = []
    for factor in take(plain, "factors", list, place):
        require_keys(factor, "name levels", f"{place}, factors")
        levels = None
        if factor["levels"] is not None:
            levels = read_texts(take(factor, "levels", list, place), f"{place}, levels")
        found.append((take(factor, "name", str, place), levels))
    read_texts([name for name, _ in found], f"{place}, factors")
    return found


def require_possible(design: Design, place: str) -> None:
    """Refuse a design from which no block can be made."""
    if min([design.version, *(ratio for _, ratio in design.arms)]) < 1 or len(design.arms) < 2:
        raise Wrong(f"{place}: it needs two arms or more; its version and ratios count from 1.")
    ratio_sum = sum(ratio for _, ratio in design.arms)
    if len(design.sizes) != len(design.weights) or not 1 <= sum(design.weights) < WORD:
        raise Wrong(f"{place}: block sizes and weights do not go together.")
    for size in design.sizes:
        if size % ratio_sum or size > LARGEST_BLOCK:
            raise Wrong(f"{place}: the block size {size} is not possible with this ratio.")


def check_keys(unsealed: object, design: Design, place: str) -> Iterator[str]:
    """Yield what does not follow, by sections 3 and 4, from R, v, salt and the design."""
    r = take_bytes(unsealed, "r", 32, place)
    v = take_bytes(unsealed, "v", None, place)
    salt = take_bytes(unsealed, "salt", 32, place)
    if hashlib.sha256(r).digest() != take_bytes(unsealed, "r_commitment", 32, place):
        yield f"{place}: SHA-256 of R is not r_commitment, recorded before v was given."
    if hashlib.sha256(r + v).digest() != design.key:
        yield f"{place}: the key is not SHA-256 of R followed by v."
    plain = canonical(take(unsealed, "design", dict, place))
    if hashlib.sha256(plain + design.key + salt).hexdigest() != design.commitment:
        yield f"{place}: the commitment is not that of this design, key and salt."


def read_designs(bundle: object) -> tuple[dict[int, Design], list[str]]:
    """Return the designs by version, and what is wrong with their keys."""
    randomisation = take(bundle, "randomisation", str, "bundle")
    designs: dict[int, Design] = {}
    problems: list[str] = []
    for index, unsealed in enumerate(take(bundle, "designs", list, "bundle"), 1):
        place = f"design {index}"
        design = read_design(unsealed, randomisation, place)
        if design.version in designs:
            raise Wrong(f"{place}: version {design.version} is repeated.")
        place = f"{place} (version {design.version})"
        if any(design.key == earlier.key for earlier in designs.values()):
            problems.append(f"{place}: the key is that of another version.")
        designs[design.version] = design
        problems += check_keys(unsealed, design, place)
    if designs:
        return designs, problems
    raise Wrong("bundle: it holds no design, so nothing can be derived.")


def follow(walk: Walk, index: int, found: object) -> None:
    """Check one event by sections 5 and 8, and note how far the history has come."""
    place = f"event {index}"
    event = require_keys(found, EVENT_KEYS, place)
    kind = take(event, "kind", str, place)
    if event["number"] is not None:
        number = take(event, "number", int, place)
        place = f"{place} (number {number})"
        check_number(walk, number, place)
    elif kind not in SET_ASIDE:
        raise Wrong(f"{place}: it has no number.")
    walk.counts[kind] = walk.counts.get(kind, 0) + 1
    if kind == "allocated":
        check_allocation(walk, event, place)
    elif kind in SET_ASIDE:
        check_set_aside(walk, event, kind, place)
    elif kind == "elsewhere":
        require_blank(event, f"{OF_LISTS} {OF_ALLOCATIONS}", place)
    else:
        raise Wrong(f"{place}: the kind {kind!r} is not known.")
    check_annotations(event, kind, place)


def check_number(walk: Walk, number: int, place: str) -> None:
    """Numbers count 1, 2, 3 …; nothing is repeated, skipped or out of order."""
    expected = walk.number + 1
    if number < expected:
        walk.problems.append(f"{place}: out of order or repeated; number {expected} comes next.")
    elif number > expected:
        walk.problems.append(f"{place}: number {expected} is missing before it.")
    walk.number = max(walk.number, number)


def check_allocation(walk: Walk, event: dict[str, object], place: str) -> None:
    """The list is that of the levels, the position its next, the arm the one derived."""
    design = design_of(walk, event, place)
    expected = canonical([design.randomisation, design.version, codes_of(design, event, place)])
    list_name = take(event, "list_name", str, place)
    position = take(event, "list_position", int, place)
    arm = take(event, "arm", str, place)
    earlier = walk.participants.setdefault(take(event, "participant", str, place), walk.number)
    if earlier != walk.number:
        walk.problems.append(f"{place}: its participant already has number {earlier}.")
    if list_name != expected.decode("utf-8"):
        walk.problems.append(f"{place}: its list is {list_name}; its levels pick another.")
        return
    if not check_position(walk, list_name, position, place):
        return
    if arm != (derived := arm_at(walk, design, list_name, position)):
        found = f"the arm is {arm}; the key gives {derived}"
        walk.problems.append(f"{place}: list {list_name}, position {position}: {found}.")


def check_set_aside(walk: Walk, event: dict[str, object], kind: str, place: str) -> None:
    """A position set aside counts in its list and holds nobody."""
    require_blank(event, OF_ALLOCATIONS, place)
    if kind == "lost" and event["list_name"] is None and event["number"] is not None:
        require_blank(event, "list_position", place)
        return
    design = design_of(walk, event, place)
    list_name = take(event, "list_name", str, place)
    check_list_name(design, list_name, place)
    check_position(walk, list_name, take(event, "list_position", int, place), place)


def design_of(walk: Walk, event: object, place: str) -> Design:
    """Return the design version that the event was made under."""
    version = take(event, "design_version", int, place)
    if version not in walk.designs:
        raise Wrong(f"{place}: the bundle holds no design of version {version}.")
    return walk.designs[version]


def codes_of(design: Design, event: object, place: str) -> list[str]:
    """Return the level codes in the order of the design's factors."""
    levels = take(event, "levels", dict, place)
    require_keys(levels, [name for name, _ in design.factors], f"{place}, levels")
    codes = [take(levels, name, str, f"{place}, levels") for name, _ in design.factors]
    require_levels(design, codes, place)
    return codes


def require_levels(design: Design, codes: list[str], place: str) -> None:
    """Refuse a level code that the design does not know."""
    for (name, known), code in zip(design.factors, codes, strict=True):
        if known is not None and code not in known:
            raise Wrong(f"{place}: {name} is {code!r}, which is not one of its levels.")


def check_list_name(design: Design, list_name: str, place: str) -> None:
    """A list name without levels beside it must still be one of the design's lists."""
    try:
        codes = [str(code) for code in json.loads(list_name)[2]]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise Wrong(f"{place}: {list_name!r} is not the name of a list.") from None
    right = canonical([design.randomisation, design.version, codes]).decode("utf-8")
    if list_name != right or len(codes) != len(design.factors):
        raise Wrong(f"{place}: {list_name!r} is not a list of this design.")
    require_levels(design, codes, place)


def check_position(walk: Walk, list_name: str, position: int, place: str) -> bool:
    """Positions of a list count 1, 2, 3 … in study-wide order; say if one can be derived."""
    expected = walk.ends.get(list_name, 0) + 1
    if position != expected:
        found = f"position {position} where {expected} comes next"
        walk.problems.append(f"{place}: list {list_name}: {found}.")
    if not 1 <= position <= FURTHEST:
        return False
    walk.ends[list_name] = max(position, walk.ends.get(list_name, 0))
    return True


def arm_at(walk: Walk, design: Design, list_name: str, position: int) -> str:
    """Return the arm that the key gives at this position of the list."""
    if list_name not in walk.sources:
        walk.sources[list_name] = METHODS[design.method](design, list_name)
    known = walk.arms.setdefault(list_name, [])
    known.extend(islice(walk.sources[list_name], max(0, position - len(known))))
    return known[position - 1]


def check_annotations(event: object, kind: str, place: str) -> None:
    """Annotations are of a known kind and stand beside allocations only."""
    annotations = take(event, "annotations", list, place)
    if annotations and kind != "allocated":
        raise Wrong(f"{place}: annotations belong to allocations only.")
    for one in annotations:
        require_keys(one, "mistake levels", f"{place}, annotations")
        if take(one, "mistake", str, f"{place}, annotations") not in MISTAKES:
            raise Wrong(f"{place}: the annotation {one['mistake']!r} is not known.")


def require_blank(event: dict[str, object], names: str, place: str) -> None:
    """Refuse a value where this kind of event has none."""
    for key in names.split():
        if event[key] is not None:
            raise Wrong(f"{place}: {key} belongs to allocations; here it must be null.")


def check_ends(walk: Walk, bundle: object, at_least: int | None) -> None:
    """The ends that the bundle states are where its events end."""
    if at_least is not None and walk.number < at_least:
        walk.problems.append(f"bundle: it ends at number {walk.number}, before {at_least}.")
    last_number = take(bundle, "last_number", int, "bundle")
    if last_number != walk.number:
        ends = f"the events end at number {walk.number}"
        walk.problems.append(f"bundle: {ends}; the last given out was {last_number}.")
    lists = take(bundle, "lists", dict, "bundle")
    for list_name in sorted({*lists, *walk.ends}):
        stated, found = lists.get(list_name, 0), walk.ends.get(list_name, 0)
        if stated != found:
            ends = f"ends at position {found}; {stated} is stated"
            walk.problems.append(f"bundle: list {list_name} {ends}.")


def check(bundle: object, commitments: Sequence[str] = (), last_number: int | None = None) -> Walk:
    """Check a bundle read from JSON; `problems` of the answer is empty when all agrees."""
    walk = Walk({})
    try:
        require_keys(bundle, BUNDLE_KEYS, "bundle")
        version = take(bundle, "format_version", int, "bundle")
        if (take(bundle, "format", str, "bundle"), version) != (FORMAT, FORMAT_VERSION):
            raise Wrong(f"bundle: its format is not {FORMAT}, version {FORMAT_VERSION}.")
        study, name = (take(bundle, key, str, "bundle") for key in ("study", "randomisation"))
        walk.title = f"{study}, {name}"
        walk.designs, walk.problems = read_designs(bundle)
        known = {design.commitment for design in walk.designs.values()}
        for given in commitments:
            if given.strip().lower() not in known:
                walk.problems.append(f"bundle: no design has the commitment {given.strip()}.")
        for index, event in enumerate(take(bundle, "events", list, "bundle"), 1):
            follow(walk, index, event)
        check_ends(walk, bundle, last_number)
    except Wrong as wrong:
        walk.problems.append(str(wrong))
    return walk


def refuse_repeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a JSON object that gives one name twice, which programs read differently."""
    if len(dict(pairs)) != len(pairs):
        raise ValueError(f"a name is given twice in one object: {[name for name, _ in pairs]}")
    return dict(pairs)


def read_bundle(data: bytes) -> object:
    """Return the bundle from its bytes; raises ValueError for anything but plain JSON."""
    try:
        bundle: object = json.loads(data, object_pairs_hook=refuse_repeated)
        canonical(bundle)  # a lone surrogate has no UTF-8: refused here, as a ValueError
        return bundle
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def say(text: str) -> None:
    """Print in plain ASCII, so that nothing in a bundle can steer the terminal."""
    print(text.encode("unicode_escape").decode("ascii"))


def show(walk: Walk, commitments: Sequence[str]) -> None:
    """Print what agrees, or the first that differs and those after it."""
    if walk.problems:
        say(f"DIFFERS: {walk.problems[0]}")
        for problem in walk.problems[1:SHOWN]:
            say(f"    also: {problem}")
        say(f"    {len(walk.problems)} in all.")
        return
    counts = ", ".join(f"{count} {kind}" for kind, count in sorted(walk.counts.items()))
    say(f"AGREES: {walk.title}: {counts or 'no event'}; {len(walk.ends)} lists.")
    given = {one.strip().lower() for one in commitments}
    for version, design in sorted(walk.designs.items()):
        said = "as given" if design.commitment in given else "compare it with the certificate"
        say(f"    version {version}: commitment {design.commitment} ({said})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a program; return the exit status."""
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
