"""Turning what a browser uploads, a zip file or single YAML files, into the files of a study."""

from __future__ import annotations

import io
import lzma
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from capture.problems import InvalidInput
from forms.load import read_folder
from forms.load.study_files import INSTRUMENTS

FIELD = "files"
MAX_FILES = 200
MAX_FILE_BYTES = 1_000_000
MAX_ALL_BYTES = 5_000_000
ENCRYPTED = 0x1

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\.yaml")
_INSTRUMENT = re.compile(rb"^(sections|use):", re.MULTILINE)
_NOISE = ("__MACOSX/", ".DS_Store")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)


@dataclass(frozen=True)
class Upload:
    """One file as sent: the name that the browser gave, and its bytes."""

    name: str
    content: bytes


def study_files(uploads: Iterable[Upload]) -> dict[str, bytes]:
    """Give the files of a study by path, the library's instruments that it uses included.

    Takes one zip file of the study's folder, or its YAML files one by one; a YAML file with
    `sections` or `use` is an instrument. Raises InvalidInput in words for anything else.
    """
    sent = [upload for upload in uploads if upload.name or upload.content]
    if not sent:
        raise InvalidInput(FIELD, "Choose the study's files: one .zip, or its .yaml files.")
    found: dict[str, bytes] = {}
    for path, content in _all(sent):
        if path in found:
            raise InvalidInput(FIELD, f"Two files are called {path}. Send one of them.")
        found[path] = content
        _refuse_much(found)
    return _with_library(_without_top_folder(found))


def _all(sent: list[Upload]) -> Iterator[tuple[str, bytes]]:
    for upload in sent:
        if upload.name.lower().endswith(".zip"):
            if len(sent) > 1:
                raise InvalidInput(FIELD, "Send one .zip, or .yaml files, not both together.")
            yield from _unzipped(upload)
        else:
            yield _placed(upload)


def _placed(upload: Upload) -> tuple[str, bytes]:
    """Put a single file where it belongs: browsers send its name without the folder."""
    name = upload.name
    if _NAME.fullmatch(name) is None:
        raise _not_a_study_file(name)
    folder = INSTRUMENTS if _INSTRUMENT.search(upload.content[:MAX_FILE_BYTES]) else ""
    return f"{folder}{name}", upload.content


def _unzipped(upload: Upload) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(upload.content)) as archive:
            entries = [one for one in archive.infolist() if not _is_noise(one)]
            if len(entries) > MAX_FILES:
                raise InvalidInput(FIELD, f"The zip holds more than {MAX_FILES} files.")
            for entry in entries:
                yield _path(entry), _content(archive, entry)
    except _BROKEN as problem:
        raise InvalidInput(
            FIELD,
            f"{_shown(upload.name)} cannot be opened as a zip file. Make it again, then send it.",
        ) from problem


def _is_noise(entry: zipfile.ZipInfo) -> bool:
    is_noise = entry.filename.startswith(_NOISE) or entry.filename.endswith(_NOISE)
    return is_noise or entry.is_dir()


def _path(entry: zipfile.ZipInfo) -> str:
    name = entry.filename
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name:
        raise _outside(name)
    if stat.S_ISLNK(entry.external_attr >> 16) or _NAME.fullmatch(parts[-1]) is None:
        raise _not_a_study_file(name)
    return name


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read a file up to the limit, whatever size the zip claims for it."""
    if entry.flag_bits & ENCRYPTED:
        raise InvalidInput(FIELD, "The zip is locked with a password. Send it without one.")
    with archive.open(entry) as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise _too_large(entry.filename)
    return content


def _refuse_much(found: dict[str, bytes]) -> None:
    path = next(reversed(found))
    if len(found[path]) > MAX_FILE_BYTES:
        raise _too_large(path)
    if len(found) > MAX_FILES or sum(map(len, found.values())) > MAX_ALL_BYTES:
        raise InvalidInput(
            FIELD,
            f"A study has at most {MAX_FILES} files and {MAX_ALL_BYTES // 1_000_000} MB in all; "
            "this is more.",
        )


def _without_top_folder(found: dict[str, bytes]) -> dict[str, bytes]:
    """Forget the one folder that many programs put around the files of a zip."""
    tops = {path.partition("/")[0] for path in found}
    around = f"{tops.pop()}/" if len(tops) == 1 and all("/" in path for path in found) else ""
    around = "" if around == INSTRUMENTS else around
    files = {path.removeprefix(around): content for path, content in found.items()}
    for path in files:
        if "/" in path.removeprefix(INSTRUMENTS):
            raise _outside(path)
    return files


def _with_library(found: dict[str, bytes]) -> dict[str, bytes]:
    """Read the files as a folder is read, which brings the library's instruments along."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, content in found.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return read_folder(folder)


def _outside(name: str) -> InvalidInput:
    return InvalidInput(
        FIELD,
        f"The zip holds {_shown(name)}, which lies outside a study's folder. A study has .yaml "
        "files and one folder, instruments; the library's instruments come with the program.",
    )


def _not_a_study_file(name: str) -> InvalidInput:
    return InvalidInput(
        FIELD,
        f"{_shown(name)} is not a file of a study. A study has .yaml files, named with letters, "
        "digits, _ and -. Leave the others out.",
    )


def _too_large(name: str) -> InvalidInput:
    return InvalidInput(
        FIELD, f"{_shown(name)} is larger than {MAX_FILE_BYTES // 1_000_000} MB. Split it."
    )


def _shown(name: str) -> str:
    return repr(name[:80])
