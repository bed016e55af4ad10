"""All allocation methods by name, found in the files of this folder.

A file that defines a method declares it as `METHOD`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from randomiser.method import Method


def _list_methods() -> Iterator[Method]:
    for module in iter_modules(__path__):
        yield import_module(f"{__name__}.{module.name}").METHOD


METHODS: Mapping[str, Method] = {method.name: method for method in _list_methods()}
