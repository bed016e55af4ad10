"""What comes that no honest form sends: values, and bodies that are broken as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import urlencode

from tests.support.page_reading import Field, Form, flat

SCRIPT = "\"'><script>alert('pwned')</script>"
VALUES: dict[str, str] = {
    "blank": "",
    "spaces": "   ",
    "a script": SCRIPT,
    "a template": "{{7*7}}${7*7}<%= 7*7 %>",
    "1 MB": "x" * 1_000_000,
    "four bytes": "\U0001f9ec\U0001d54f",
    "right to left": "\u202egnitset\u200b",
    "a line break": "a\r\nSet-Cookie: x=1",
    "negative": "-1",
    "decimal comma": "72,5",
    "exponent": "1e999",
    "not a number": "NaN",
    "infinity": "-Infinity",
    "many digits": "9" * 5_000,
    "beyond 64 bits": str(2**63),
    "Arabic digits": "\u0663\u0664",
    "a superscript": "\u00b2",
    "hexadecimal": "0x1F",
    "underscores": "1_000",
    "a path": "../../../../etc/passwd",
    "a statement": "'; DROP TABLE ledger; --",
    "JSON": '{"$ne": null}',
    "a formula": "=HYPERLINK(1)",
}
DATES: dict[str, tuple[str, str, str]] = {
    "29 February of a common year": ("29", "2", "2025"),
    "the future": ("1", "1", "2999"),
    "long ago": ("1", "1", "1066"),
    "day 0": ("0", "0", "0000"),
    "31 December 9999": ("31", "12", "9999"),
    "a year of many digits": ("1", "1", "9" * 40),
    "two digits": ("1", "1", "61"),
    "Arabic digits": ("\u0661", "\u0661", "\u0662\u0660\u0662\u0664"),
    "words": ("first", "month", "year"),
    "a day alone": ("3", "", ""),
    "31 April": ("31", "4", "2024"),
}
LIMITS = ("1 MB", "four bytes", "many digits", "beyond 64 bits", "31 December 9999")
"""What one database may take and another refuse."""
PARTS = ("-day", "-month", "-year")
MOST_CUTS = 6
OWN = ("csrf_token", "request_id")

Sent = dict[str, list[str]]


@dataclass(frozen=True)
class Blow:
    """One hostile request: what it is, and its body."""

    words: str
    body: bytes


def blows(form: Form, plausible: Sent) -> Iterator[Blow]:
    """Hostile versions of a form: one value everywhere, one in each field, then odd shapes."""
    names = [name for name in form.fields if name not in OWN]
    dates = [name.removesuffix("-day") for name in names if name.endswith("-day")]
    for words, value in VALUES.items() if names else ():
        yield blow(f"{words} everywhere", {**plausible, **{name: [value] for name in names}})
    for name, (words, value) in zip(names, cycle(VALUES.items()), strict=False):
        yield blow(f"{words} in {name}", {**plausible, name: [value]})
    for words, texts in DATES.items() if dates else ():
        boxes = {
            name + part: [text] for name in dates for part, text in zip(PARTS, texts, strict=True)
        }
        yield blow(f"{words} as every date", {**plausible, **boxes})
    yield from _shapes(plausible, names)


def _shapes(plausible: Sent, names: list[str]) -> Iterator[Blow]:
    for start in range(min(len(names), MOST_CUTS)):
        left_out = set(names[start::MOST_CUTS])
        without = {name: value for name, value in plausible.items() if name not in left_out}
        yield blow(f"without {', '.join(sorted(left_out))}", without)
    twice = {name: [*plausible.get(name, [""]), "another", ""] for name in names}
    yield blow("every field repeated", {**plausible, **twice})
    yield blow("fields nobody asked for", {**plausible, "admin": ["1"], "arm": ["IM60"] * 50})


def unreadable(plausible: Sent) -> Iterator[Blow]:
    """Bodies that no text is in, or that end too early: nothing of them may be stored."""
    whole = blow("", plausible).body
    yield Blow("a NUL", whole + b"&note=a%00b")
    yield Blow("half a letter", whole + b"&note=%ED%A0%80")
    yield Blow("bytes that are no text", whole + b"&note=\xff\xfe")
    yield Blow("a NUL in a name", whole + b"&no%00te=1")
    yield Blow("nothing at all", b"")


def blow(words: str, sent: Sent) -> Blow:
    return Blow(words, urlencode(list(flat(sent))).encode())


def plausible(form: Form, password: str) -> Sent:
    """What somebody in a hurry would send: what stands there, else the first choice or a word."""
    sent = form.as_sent()
    for field in form.fields.values():
        if field.name not in OWN and not any(sent.get(field.name, [])):
            sent[field.name] = [_answer(field, password)]
    return sent


def _answer(field: Field, password: str) -> str:
    if field.kind == "password":
        return password
    for part, text in zip(PARTS, ("2", "3", "2024"), strict=True):
        if field.name.endswith(part):
            return text
    if field.offers:
        return next((offer for offer in field.offers if offer), "")
    return "" if field.name.endswith(("__missing", "hospital_number")) else "words"
