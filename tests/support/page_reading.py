"""What a test reads of a page's HTML: its links, and its forms with what a browser would send."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

Attributes = list[tuple[str, str | None]]
UNSENT = ("submit", "button", "image", "reset")


@dataclass
class Field:
    """One control: its name, kind, what it sends as the page stands, and what it offers."""

    name: str
    kind: str
    sent: list[str]
    offers: list[str]


@dataclass
class Form:
    """One form of a page."""

    method: str
    action: str
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def as_sent(self) -> dict[str, list[str]]:
        """What the browser sends when the first button is pressed."""
        sent = {one.name: list(one.sent) for one in self.fields.values() if one.sent}
        for name, value in self.buttons[:1]:
            sent.setdefault(name, []).append(value)
        return sent


class PageRead(HTMLParser):
    """A page taken apart."""

    def __init__(self, html: str, address: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.title = ""
        self._address = address
        self._form: Form | None = None
        self._select: Field | None = None
        self._area: Field | None = None
        self._in_title = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self._form = Form(given.get("method", "get").lower(), given.get("action", ""))
            self._form.action = self._form.action or self._address
            self.forms.append(self._form)
        elif tag == "title":
            self._in_title = True
        elif tag == "option" and self._select is not None:
            self._select.offers.append(given.get("value", ""))
            if "selected" in given:
                self._select.sent = [given.get("value", "")]
        elif "disabled" not in given:
            self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text" if tag == "input" else tag)
        if self._form is None or tag not in ("input", "select", "textarea", "button") or not name:
            return
        if tag == "button" or kind in UNSENT:
            self._form.buttons.append((name, given.get("value", "")))
            return
        known = self._form.fields.setdefault(name, Field(name, kind, [], []))
        if tag == "select":
            self._select = known
        elif tag == "textarea":
            self._area = known
            known.sent.append("")
        elif kind in ("radio", "checkbox"):
            known.offers.append(given.get("value", "on"))
            if "checked" in given:
                known.sent.append(given.get("value", "on"))
        else:
            known.sent.append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select" and self._select is not None:
            self._select.sent = self._select.sent or self._select.offers[:1]
            self._select = None
        elif tag == "textarea":
            self._area = None
        elif tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.sent[-1] += data
        if self._in_title:
            self.title += data


def flat(sent: dict[str, list[str]]) -> Sequence[tuple[str, str]]:
    """Names and values in the order of the page."""
    return [(name, value) for name, values in sent.items() for value in values]
