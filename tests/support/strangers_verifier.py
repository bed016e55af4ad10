"""A verifier by somebody who had docs/randomisation-protocol.md alone, and no line of ours.

It shares nothing with `randomiser/`, and is not mended after it: where the two differ, the page or
one of them is wrong. "Section" is one of that page. Its key and format number follow the page since
key format 2.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, cmp_to_key
from math import isqrt, lcm
from pathlib import Path
from typing import Any

Json = dict[str, Any]
People = list[tuple[int, Json]]  # arm (its place in the design) and levels of those who count
BAD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError)


def canonical(value: Any) -> bytes:
    """Section 2: canonical JSON."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def list_name(design: Json, levels: Json) -> str:
    """Section 5: the name of the list of these levels."""
    codes = [levels[factor["name"]] for factor in design["factors"]]
    return canonical([design["randomisation"], design["version"], codes]).decode()


def words(key: bytes, name: str, position: int) -> Iterator[int]:
    """Section 6: the stream of 64-bit words of one list position."""
    text, counter = name.encode(), 0
    while True:
        message = len(text).to_bytes(4) + text + position.to_bytes(8) + counter.to_bytes(8)
        digest = hashlib.blake2b(message, digest_size=64, key=key, person=b"sarcomere-draw")
        for start in range(0, 64, 8):
            yield int.from_bytes(digest.digest()[start : start + 8])
        counter += 1


def below(stream: Iterator[int], n: int) -> int:
    """Section 6, and the end of 10.8: an integer below n."""
    k = max(1, -(-(n - 1).bit_length() // 64))
    while True:
        w = 0
        for _ in range(k):
            w = w << 64 | next(stream)
        if w < (1 << 64 * k) - (1 << 64 * k) % n:
            return w % n


def choose(stream: Iterator[int], odds: list[int]) -> int | None:
    """Section 7 step 1, section 10 steps 1 to 3: one integer, one place of the odds."""
    if not any(odds):
        return None
    u = below(stream, sum(odds))
    for place, odd in enumerate(odds):
        if u < odd:
            return place
        u -= odd
    raise ValueError("odds below zero")


def ratios(design: Json) -> list[int]:
    """Section 3: the ratio of each arm."""
    return [arm["ratio"] for arm in design["arms"]]


def block(design: Json, stream: Iterator[int]) -> list[int]:
    """Section 7: the arms of one block, as places in the design."""
    size = design["sizes"][choose(stream, design["weights"])]
    r = ratios(design)
    places = [arm for arm, ratio in enumerate(r) for _ in range(ratio * size // sum(r))]
    for i in range(size - 1, 0, -1):
        j = below(stream, i + 1)
        places[i], places[j] = places[j], places[i]
    return places


@cache
def ways(people: int, tolerance: int) -> list[dict[int, int]]:
    """10.8: w(r, d) for every r to `people`; a d which is not there has none."""
    rows = [{0: 1}]
    for _ in range(people):
        last, span = rows[-1], range(-tolerance, tolerance + 1)
        rows.append({d: last.get(d + 1, 0) + last.get(d - 1, 0) for d in span})
    return rows


def coin(design: Json, d: int) -> list[int]:
    """10.3 to 10.5 and 11.2: d is the first arm's count (or sum) less the second's."""
    a, b = Fraction(design.get("p", "1/2")).as_integer_ratio()  # the big stick has no p
    if abs(d) == design.get("tolerance"):
        a, b = 1, 1
    return [1, 1] if d == 0 else [b - a, a] if d > 0 else [a, b - a]


def list_odds(design: Json, n: list[int]) -> list[int]:
    """Section 10: the odds after the counts n of the arms."""
    r, method = ratios(design), design["method"]
    if method == "simple":
        return r
    if method == "random_allocation_rule":
        return [ratio * design["people"] // sum(r) - count for count, ratio in zip(n, r)]
    if method == "wei_urn":
        odds = [design["alpha"] + design["beta"] * (sum(n) - count) for count in n]
        return odds if any(odds) else [1] * len(n)
    if method == "block_urn":
        sets = design["balanced_sets"] + min(count // ratio for count, ratio in zip(n, r))
        return [ratio * sets - count for count, ratio in zip(n, r)]
    d = n[0] - n[1]
    if method != "maximal_procedure":
        return coin(design, d)
    left = design["people"] - sum(n) - 1
    row = ways(design["people"], design["tolerance"])[left] if left >= 0 else {}
    return [row.get(d + 1, 0), row.get(d - 1, 0)]


def extend(design: Json, key: bytes, name: str, past: list[int]) -> bool:
    """Sections 7 and 10: put the next block or place behind the past; False if the list is full."""
    stream = words(key, name, len(past) + 1)
    if design["method"] == "permuted_blocks":
        new = block(design, stream)
    else:
        counts = [past.count(arm) for arm in range(len(design["arms"]))]
        arm = choose(stream, list_odds(design, counts))
        new = [] if arm is None else [arm]
    past += new
    return bool(new)


def corrected(event: Json, design: Json, number: int) -> Json | None:
    """Section 11, "Who counts": the levels a person counts with; None for one left out."""
    levels: Json = event["levels"]
    for note in event["annotations"] if design["mistakes"] == "leave_out" else []:
        if note["after"] < number:
            if note["mistake"] != "wrong_stratum":
                return None
            levels = levels if note["levels"] is None else note["levels"]
    return levels


def who_counts(events: list[Json], design: Json, number: int, levels: Json) -> People:
    """Section 11, "Who counts": for the draw of study-wide number `number`."""
    arms = [arm["name"] for arm in design["arms"]]
    strata = [factor["name"] for factor in design["factors"]]
    people: People = []
    for event in events:
        if event["kind"] in ALLOCATIONS and event["number"] < number and event["arm"] in arms:
            own = corrected(event, design, number)
            if own is not None and all(own.get(name) == levels[name] for name in strata):
                people.append((arms.index(event["arm"]), own))
    return people


def tables(design: Json, people: People, levels: Json) -> list[list[int]]:
    """Section 11: n_i, n_i(f) of each minimised factor f, n_i(all), in this order."""
    names = [factor["name"] for factor in design["minimised"]]
    groups = [[], *([name] for name in names), names]
    return [
        [
            sum(arm == i and all(own.get(f) == levels[f] for f in group) for arm, own in people)
            for i in range(len(design["arms"]))
        ]
        for group in groups
    ]


def measured(measure: str, c: list[int]) -> Fraction:
    """11.1 step 2: one measure; for `standard_deviation` its square."""
    k = len(c)
    if measure == "range":
        return Fraction(max(c) - min(c))
    if measure == "squared_difference":
        return Fraction((c[0] - c[1]) ** 2)
    if measure == "marginal_balance":
        pairs = sum(abs(c[i] - c[j]) for i in range(k) for j in range(i))
        return Fraction(pairs, (k - 1) * sum(c))
    return Fraction(k * sum(x * x for x in c) - sum(c) ** 2)


def imbalances(design: Json, people: People, levels: Json) -> list[list[tuple[int, Fraction]]]:
    """11.1 step 2 and 11.2: for each arm the pairs (weight, measure), to be added up."""
    n, *by_factor, n_all = tables(design, people, levels)
    if design["method"] == "hu_hu":
        weights = [design["overall_weight"], *design["factor_weights"], design["stratum_weight"]]
        rows, scale, measure = [n, *by_factor, n_all], [1, 1], "squared_difference"
    else:
        weights, rows, measure = design["factor_weights"], by_factor, design["measure"]
        scale = [lcm(*ratios(design)) // ratio for ratio in ratios(design)]
    return [
        [
            (weight, measured(measure, [(x + (i == arm)) * scale[i] for i, x in enumerate(row)]))
            for weight, row in zip(weights, rows, strict=True)
        ]
        for arm in range(len(n))
    ]


def sign_of_roots(terms: list[tuple[int, int]]) -> int:
    """11.1 step 2: the sign of the sum of w √v, exactly."""
    groups: list[tuple[int, Fraction]] = []
    for w, v in terms:
        for place, (x, factor) in enumerate(groups):
            if isqrt(x * v) ** 2 == x * v:
                groups[place] = (x, factor + Fraction(w * isqrt(x * v), x))
                break
        else:
            groups += [(v, Fraction(w))] if v else []
    if not any(factor for _, factor in groups):
        return 0
    bits = 64
    while True:
        total = sum((1 if w > 0 else -1) * isqrt(w * w * v << 2 * bits) for w, v in terms)
        if abs(total) > len(terms):
            return 1 if total > 0 else -1
        bits *= 2


def balance_odds(design: Json, people: People, levels: Json) -> list[int]:
    """11.1 and 11.2: the odds of the next person, who has these levels."""
    r = ratios(design)
    if design["method"] == "minimisation" and len(people) < design["first"]:
        return r
    sums, roots = imbalances(design, people, levels), design.get("measure") == "standard_deviation"

    def compare(a: int, b: int) -> int:
        terms = sums[a] + [(-w, v) for w, v in sums[b]]
        if roots:
            return sign_of_roots([(w, int(v)) for w, v in terms])
        total = sum((w * v for w, v in terms), Fraction())
        return (total > 0) - (total < 0)

    if design["method"] == "hu_hu":
        return coin(design, compare(0, 1))
    least = min(range(len(r)), key=cmp_to_key(compare))
    best = [j for j in range(len(r)) if compare(j, least) == 0]
    a, b = Fraction(design["p"]).as_integer_ratio()
    s, best_sum = sum(r), sum(r[j] for j in best)
    return [
        x * (b * (s - min(r)) - (s - x) * (b - a) + (best_sum - x) * (b - a))
        if j in best
        else x * (b - a) * best_sum
        for j, x in enumerate(r)
    ]


RULES = {  # the parameters of each method (sections 3, 10, 11, 12)
    "permuted_blocks": "sizes weights",
    "simple": "",
    "random_allocation_rule": "people",
    "efron_biased_coin": "p",
    "chen_biased_coin": "p tolerance",
    "big_stick": "tolerance",
    "wei_urn": "alpha beta",
    "block_urn": "balanced_sets",
    "maximal_procedure": "people tolerance",
    "uploaded_list": "file_hash lists",
    "minimisation": "minimised measure p factor_weights first mistakes",
    "hu_hu": "minimised p overall_weight factor_weights stratum_weight mistakes",
}
NEEDS = {  # number, place, person: y given, - null, ? either
    "allocated": "yyy",
    "reserved": "?y-",
    "returned": "?y-",
    "lost": "??-",
    "elsewhere": "y--",
    "reentered": "yyy",
    "counted": "y-y",
}
ALLOCATIONS = ("allocated", "reentered", "counted")
PLACE = ("design_version", "list_name", "list_position")
PERSON = ("arm", "levels", "participant")
MEASURES = ("range", "variance", "standard_deviation", "squared_difference", "marginal_balance")
MISTAKES = ("ineligible", "wrong_stratum", "twice", "wrong_person")


def whole(value: Any) -> bool:
    """A whole number above zero (true and false are none)."""
    return type(value) is int and value > 0


def unhex(text: str) -> bytes:
    """Section 2: bytes from lower-case hexadecimal."""
    if bytes.fromhex(text).hex() != text:
        raise ValueError("hexadecimal")
    return bytes.fromhex(text)


def design_formed(d: Json) -> bool:
    """Sections 3, 10, 11, 12: the exact names for the method, and the arms."""
    names = {"arms", "factors", "method", "randomisation", "version", *RULES[d["method"]].split()}
    arms = {arm["name"] for arm in d["arms"]}
    return (
        set(d) == names
        and whole(d["version"])
        and len(arms) == len(d["arms"]) > 1
        and all(map(whole, ratios(d)))
        and d.get("measure", "range") in MEASURES
        and d.get("mistakes", "count") in ("count", "leave_out")
    )


def event_formed(e: Json) -> bool:
    """Section 8: the names of an event, what is given and what is null, and of which type."""
    if set(e) != {"kind", "number", *PLACE, *PERSON, "annotations"}:
        return False
    for names, need in zip((("number",), PLACE, PERSON), NEEDS[e["kind"]]):
        given = [e[name] is not None for name in names]
        if any(given) != all(given) or need == ("-" if any(given) else "y"):
            return False
    if e["number"] is None and e["list_name"] is None:
        return False
    notes, person = e["annotations"], e["participant"] is not None
    levels = [x for x in [e["levels"], *(note["levels"] for note in notes)] if x is not None]
    return (
        all(e[x] is None or whole(e[x]) for x in ("number", "design_version", "list_position"))
        and (e["list_name"] is None or isinstance(e["list_name"], str))
        and all(isinstance(x, dict) and set(map(type, x.values())) <= {str} for x in levels)
        and (not person or (isinstance(e["arm"], str) and len(unhex(e["participant"])) == 32))
        and isinstance(notes, list)
        and (person or not notes)
        and all(
            set(note) == {"mistake", "levels", "after"}
            and note["mistake"] in MISTAKES
            and whole(note["after"])
            for note in notes
        )
    )


def formed(check: Callable[[Json], bool], value: Any) -> bool:
    """Whether the value has its form; what cannot even be looked at has not."""
    try:
        return isinstance(value, dict) and check(value)
    except BAD:
        return False


def knows(factors: list[Json], levels: Json) -> bool:
    """Sections 3 and 8: exactly these factors, each with a code that the design has."""
    return set(levels) == {factor["name"] for factor in factors} and all(
        factor["levels"] is None or levels[factor["name"]] in factor["levels"] for factor in factors
    )


class Check:
    """The four checks of section 8 on one bundle; `lines` is what differs, in their order."""

    def __init__(self, bundle: Json) -> None:
        self.bundle, self.last = bundle, 0
        self.lines: list[str] = []
        self.designs: dict[int, tuple[Json, bytes]] = {}
        self.past: dict[tuple[int, str], list[int]] = {}
        self.events: list[Json] = []
        self.ends: dict[str, int] = {}

    def say(self, differs: bool, line: str) -> None:
        """Put down what differs."""
        self.lines += [line] if differs else []

    def design(self, entry: Json, at: str) -> None:
        """Check 1, of one design."""
        design, sha, published = entry["design"], hashlib.sha256, entry["commitment"]
        r, v, key, salt = (unhex(entry[name]) for name in ("r", "v", "key", "salt"))
        self.say(not (len(r) == len(salt) == 32 and v), f"{at}: length of r, v or salt")
        self.say(sha(r).hexdigest() != entry["r_commitment"], f"{at}: r_commitment")
        self.say(hmac.digest(r, b"sarcomere-list-key-2\0" + v, "sha256") != key, f"{at}: key")
        derived = sha(canonical(design) + key + salt).hexdigest()
        self.say(derived != published, f"{at}: commitment")
        self.say(key in [known for _, known in self.designs.values()], f"{at}: key used before")
        self.say(design["version"] in self.designs, f"{at}: version used before")
        self.say(design["randomisation"] != self.bundle["randomisation"], f"{at}: randomisation")
        if not formed(design_formed, design):
            raise ValueError("design")
        self.designs.setdefault(design["version"], (design, key))

    def check_1(self, commitments: tuple[str, ...]) -> None:
        """Check 1: designs, keys, commitments, those of the certificates too."""
        names = {"design", "r", "v", "key", "salt", "r_commitment", "commitment"}
        for place, entry in enumerate(self.bundle["designs"], 1):
            try:
                self.say(set(entry) != names, f"design {place}: names")
                self.design(entry, f"design {place}")
            except BAD:
                self.say(True, f"design {place}: not of the form of sections 3 and 8")
        published = [str(entry.get("commitment")) for entry in self.bundle["designs"]]
        for commitment in set(commitments) - set(published):
            self.say(True, f"no design has the commitment {commitment} of the certificate")

    def check_2(self) -> None:
        """Check 2: the form of the events, numbers and list positions without a gap."""
        for place, e in enumerate(self.bundle["events"], 1):
            if not formed(event_formed, e):
                self.say(True, f"event {place}: not of the form of section 8")
                continue
            self.events.append(e)
            n, name, p = e["number"], e["list_name"], e["list_position"]
            if n is not None:
                self.say(n != self.last + 1, f"event {place}: number {n} after {self.last}")
                self.last = n
            if name is not None:
                end, self.ends[name] = self.ends.get(name, 0), p
                self.say(p != end + 1, f"event {place}: position {p} of {name!r} after {end}")

    def check_3(self) -> None:
        """Check 3: list name, participant, arm and notes of each allocation."""
        seen: set[str] = set()
        for e in self.events:
            at = f"{e['kind']}, number {e['number']}, {e['list_name']!r} {e['list_position']}"
            if e["list_name"] is not None:
                self.name(e, at)
            if e["kind"] in ALLOCATIONS:
                self.say(e["participant"] in seen, f"{at}: participant allocated before")
                seen.add(e["participant"])
                self.arm(e, at)
                after = [e["number"], *(note["after"] for note in e["annotations"])]
                self.say(after != sorted(after) or after[-1] > self.last, f"{at}: notes")

    def name(self, e: Json, at: str) -> None:
        """Check 3: the design knows the levels (those in the name, if there are no other)."""
        design = self.designs.get(e["design_version"], ({}, b""))[0]
        try:
            levels, factors = e["levels"], design["factors"]
            if levels is None:
                codes = json.loads(e["list_name"])[2]
                levels = {f["name"]: code for f, code in zip(factors, codes, strict=True)}
            else:
                factors = factors + design.get("minimised", [])
            self.say(not knows(factors, levels), f"{at}: levels")
            self.say(list_name(design, levels) != e["list_name"], f"{at}: list name")
        except BAD:
            self.say(True, f"{at}: not a list of a design of the bundle")

    def arm(self, e: Json, at: str) -> None:
        """Check 3: the arm; `reentered` and `counted` belong to section 11 only."""
        design, key = self.designs.get(e["design_version"], ({}, b""))
        if e["kind"] == "counted":
            balancing = any("minimised" in known for known, _ in self.designs.values())
            self.say(not balancing, f"{at}: no design counts it")
        elif design and e["kind"] == "reentered":
            arms = [arm["name"] for arm in design["arms"]]
            self.say("minimised" not in design or e["arm"] not in arms, f"{at}: not of section 11")
        elif design:
            try:
                arm = self.derived(design, key, e)
            except BAD:
                arm = None
            self.say(arm != e["arm"], f"{at}: arm {e['arm']!r}, derived {arm!r}")

    def derived(self, design: Json, key: bytes, e: Json) -> str | None:
        """Sections 7, 10, 11, 12: the arm at the event's position; None where there is none."""
        name, p, levels, place = e["list_name"], e["list_position"], e["levels"], None
        if p > len(self.bundle["events"]):
            return None
        if "lists" in design:
            codes = [levels[factor["name"]] for factor in design["factors"]]
            arms = [arm for x in design["lists"] if x["levels"] == codes for arm in x["arms"]]
            return arms[p - 1] if p <= len(arms) else None
        if "minimised" in design:
            people = who_counts(self.events, design, e["number"], levels)
            place = choose(words(key, name, p), balance_odds(design, people, levels))
        else:
            past = self.past.setdefault((design["version"], name), [])
            while len(past) < p and extend(design, key, name, past):
                pass
            place = past[p - 1] if p <= len(past) else None
        return None if place is None else str(design["arms"][place]["name"])

    def check_4(self, last_number: int) -> None:
        """Check 4: the last number, the last positions, the newest receipt."""
        stated = self.bundle["last_number"]
        self.say(stated != self.last, f"last number {stated}, in the events {self.last}")
        self.say(stated < last_number, f"last number {stated}, the receipt has {last_number}")
        for name in sorted({*self.ends, *self.bundle["lists"]}):
            end, events = self.bundle["lists"].get(name), self.ends.get(name)
            self.say(end != events, f"list {name!r}: last position {end}, in the events {events}")


def bundle_formed(b: Json) -> bool:
    """Section 8: the names of the bundle, and of which type they are."""
    types = {
        "format": str,
        "format_version": int,
        "study": str,
        "randomisation": str,
        "designs": list,
        "events": list,
        "last_number": int,
        "lists": dict,
    }
    return (
        {name: type(value) for name, value in b.items()} == types
        and len(b["designs"]) > 0
        and (b["format"], b["format_version"]) == ("sarcomere-randomisation-proof", 2)
        and all(isinstance(entry, dict) for entry in b["designs"])
        and all(map(whole, b["lists"].values()))
    )


def differences(bundle: Json, commitments: tuple[str, ...] = (), last_number: int = 0) -> list[str]:
    """Section 8: one line for each thing that differs, in the order of the checks."""
    if not formed(bundle_formed, bundle):
        return ["the bundle has not the form of section 8"]
    check = Check(bundle)
    check.check_1(commitments)
    check.check_2()
    check.check_3()
    check.check_4(last_number)
    return check.lines


def read(path: str) -> Json:
    """Section 8: UTF-8; names given once; no number with point or exponent."""

    def once(pairs: list[tuple[str, Any]]) -> Json:
        if len(dict(pairs)) != len(pairs):
            raise ValueError("a name given twice")
        return dict(pairs)

    def refuse(text: str) -> None:
        raise ValueError(f"the number {text}")

    loaded: Json = json.loads(
        Path(path).read_bytes().decode(),
        object_pairs_hook=once,
        parse_float=refuse,
        parse_constant=refuse,
    )
    return loaded


def main() -> int:
    """Section 8: `BUNDLE.json --commitment HEX --last-number N`."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundle")
    parser.add_argument("--commitment", action="append", default=[])
    parser.add_argument("--last-number", type=int, default=0)
    given = parser.parse_args()
    try:
        lines = differences(read(given.bundle), tuple(given.commitment), given.last_number)
    except (OSError, ValueError) as error:
        lines = [f"not a bundle: {error}"]
    print("\n".join(f"DIFFERS: {line}" for line in lines) or "AGREES")
    return 1 if lines else 0


if __name__ == "__main__":
    raise SystemExit(main())
