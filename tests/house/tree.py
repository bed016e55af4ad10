"""The project's own files as the house tests see them: what is tracked or would be, parsed once."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("capture", "forms", "randomiser")


@dataclass(frozen=True)
class Module:
    """One Python file: its path inside the project, its lines and its syntax tree."""

    path: str
    lines: int
    tree: ast.Module

    @property
    def name(self) -> str:
        return self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


@dataclass(frozen=True)
class Function:
    """One function or method, where it stands, and how many lines it has with its decorators."""

    module: Module
    node: ast.FunctionDef | ast.AsyncFunctionDef

    @property
    def place(self) -> str:
        return f"{self.module.path}:{self.node.lineno} {self.node.name}"

    @property
    def lines(self) -> int:
        assert self.node.end_lineno is not None
        return self.node.end_lineno - self.node.lineno + 1


@cache
def files() -> tuple[str, ...]:
    """Every file that git tracks or would track, in order."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split("\0")
    return tuple(sorted({name for name in listed if name and (ROOT / name).is_file()}))


def under(*folders: str, suffix: str = "") -> list[str]:
    """The files inside the folders whose names end so."""
    starts = tuple(f"{folder}/" for folder in folders)
    return [name for name in files() if name.startswith(starts) and name.endswith(suffix)]


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """The Python modules inside the folders (our three packages where none is named)."""
    return tuple(_parsed(name) for name in under(*(folders or PACKAGES), suffix=".py"))


def functions(*folders: str) -> Iterator[Function]:
    for module in modules(*folders):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Function(module, node)


@cache
def _parsed(name: str) -> Module:
    content = text(name)
    return Module(name, len(content.splitlines()), ast.parse(content, name))
