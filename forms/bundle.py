"""A study's files as one canonical text, which is published, hashed and loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from forms.load.study_files import SITES_FILE
from forms.problems import DefinitionProblems, Problem

FORMAT = "sarcomere-study-1"
_PATH = re.compile(r"(instruments/|library/)?[A-Za-z0-9][A-Za-z0-9_.-]*\.yaml")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The published bytes of one study version and their SHA-256 in hexadecimal."""

    content: bytes
    sha256: str


def bundle(files: Mapping[str, bytes]) -> Bundle:
    """Join the files of a study, the library's included, into canonical bytes.

    The demonstration's `sites.yaml` is left out: users open sites, not definitions.
    Raises DefinitionProblems for a path that does not belong to a study or a file not in UTF-8.
    """
    kept = {path: content for path, content in files.items() if path != SITES_FILE}
    texts = {path: _text(path, content) for path, content in kept.items()}
    document = {"format": FORMAT, "files": texts}
    content = json.dumps(
        document, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
    return Bundle(content, sha256(content).hexdigest())


def unbundle(content: bytes) -> dict[str, bytes]:
    """Return the files of a bundle, byte for byte, for `load_study`; the inverse of `bundle`.

    Raises DefinitionProblems when the bytes are not a bundle.
    """
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as problem:
        raise _not_a_bundle("it is not JSON") from problem
    files = document.get("files") if isinstance(document, dict) else None
    if not isinstance(files, dict) or document.get("format") != FORMAT:
        raise _not_a_bundle(f"its format is not {FORMAT}")
    if not all(isinstance(text, str) for text in files.values()):
        raise _not_a_bundle("a file in it is not text")
    return {path: text.encode() for path, text in files.items()}


def _text(path: str, content: bytes) -> str:
    if _PATH.fullmatch(path) is None:
        raise DefinitionProblems([Problem(path, 1, "this is not the path of a study's file")])
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise DefinitionProblems([Problem(path, 1, "the file is not UTF-8 text")]) from problem


def _not_a_bundle(words: str) -> DefinitionProblems:
    return DefinitionProblems([Problem("bundle", 1, f"this is not a published study: {words}")])
