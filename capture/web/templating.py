"""Prepares Jinja for our pages: strict, escaped, with NHS.UK components and file addresses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import jinja2
from flask import Flask, request, url_for
from markupsafe import Markup
from wtforms import Field

from capture.assets import VENDOR_FOLDER
from capture.web.layout import PageError

FOLDERS = {"table": "tables", "list": "do-dont-list"}
"""NHS.UK macros that do not live in the folder of their own name."""

Parameters = Mapping[str, object]


class Components:
    """The NHS.UK macros, e.g. `{{ nhs.panel({"titleText": "Randomised"}) }}`.

    They read parameters that were never given, so they are rendered in an overlay environment
    whose undefined values may be chained, while our own templates stay strict. User data must
    arrive as plain text: a Markup value is taken for HTML.
    """

    def __init__(self, environment: jinja2.Environment) -> None:
        self._environment = environment.overlay(undefined=jinja2.ChainableUndefined)

    def __getattr__(self, macro: str) -> Component:
        if macro.startswith("_"):
            raise AttributeError(macro)
        return Component(self._environment, macro)


class Component:
    """One macro, called with the parameters that the NHS.UK design system documents."""

    def __init__(self, environment: jinja2.Environment, macro: str) -> None:
        folder = FOLDERS.get(macro, _kebab(macro))
        template = environment.get_template(f"nhsuk/components/{folder}/macro.jinja")
        self._macro = getattr(template.module, macro)

    def __call__(self, parameters: Parameters) -> Markup:
        return Markup(self._macro(parameters))  # noqa: S704 - the macro escaped its parameters


def install(app: Flask) -> None:
    """Set an application's Jinja up; call it before anything touches `app.jinja_env`."""
    app.jinja_options = {
        **app.jinja_options,
        "autoescape": True,
        "undefined": jinja2.StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    own_loader = app.jinja_env.loader
    nhsuk = jinja2.PackageLoader("nhsuk_frontend_jinja")
    app.jinja_env.loader = jinja2.ChoiceLoader([own_loader, nhsuk] if own_loader else [nhsuk])
    app.jinja_env.globals["nhs"] = Components(app.jinja_env)
    app.jinja_env.globals["asset"] = asset
    app.jinja_env.filters["inside_sentence"] = inside_sentence
    app.jinja_env.globals["nhsuk_folder"] = f"vendor/{VENDOR_FOLDER}"


def inside_sentence(title: str) -> str:
    """Give a title as it stands inside a sentence: a small first letter, but for abbreviations."""
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def asset(name: str) -> str:
    """Return the address of a static file; it names the content, so it may be kept for ever."""
    return _address(name, request.script_root)


@cache
def _address(name: str, _root: str) -> str:
    return url_for("static", filename=name, v=_digest(Path(__file__).parents[1] / "static" / name))


def errors_of(form: Iterable[Field]) -> tuple[PageError, ...]:
    """List what is wrong with the controls of a form, in page order, each with its first one."""
    return tuple(
        PageError(text=str(field.errors[0]), href=f"#{getattr(field, 'first_id', field.id)}")
        for field in form
        if field.errors
    )


def _digest(path: Path) -> str:
    """Name a file's content; the release's own files never change while the program runs."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else "missing"


def _kebab(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)
