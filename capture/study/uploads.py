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


def read_study_files(uploads: Iterable[Upload]) -> dict[str, bytes]:
    """Return the files of a study by path, including the library's instruments that it uses.

    Takes one zip file of the study's folder, or its YAML files one by one; a YAML file with
    `sections` or `use` is an instrument. Raises InvalidInput in words for anything else.
    """
    sent = [upload for upload in uploads if upload.name or upload.content]
    if not sent:
        raise InvalidInput(FIELD, "Choose the study's files: one .zip, or its .yaml files.")
    files: dict[str, bytes] = {}
    for path, content in _list_files(sent):
        if path in files:
            raise InvalidInput(FIELD, f"Two files are called {path}. Send one of them.")
        files[path] = content
        _refuse_much(files)
    return _add_library(_strip_top_folder(files))


def _list_files(sent: list[Upload]) -> Iterator[tuple[str, bytes]]:
    for upload in sent:
        if upload.name.lower().endswith(".zip"):
            if len(sent) > 1:
                raise InvalidInput(FIELD, "Send one .zip, or .yaml files, not both together.")
            yield from _unzip(upload)
        else:
            yield _place_file(upload)


def _place_file(upload: Upload) -> tuple[str, bytes]:
    """Return a single file's path and content: browsers send its name without the folder."""
    name = upload.name
    if _NAME.fullmatch(name) is None:
        raise _make_file_problem(name)
    folder = INSTRUMENTS if _INSTRUMENT.search(upload.content[:MAX_FILE_BYTES]) else ""
    return f"{folder}{name}", upload.content


def _unzip(upload: Upload) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(upload.content)) as archive:
            entries = [entry for entry in archive.infolist() if not _is_noise(entry)]
            if len(entries) > MAX_FILES:
                raise InvalidInput(FIELD, f"The zip holds more than {MAX_FILES} files.")
            for entry in entries:
                yield _read_path(entry), _read_content(archive, entry)
    except _BROKEN as problem:
        raise InvalidInput(
            FIELD,
            f"{_quote(upload.name)} cannot be opened as a zip file. Make it again, then send it.",
        ) from problem


def _is_noise(entry: zipfile.ZipInfo) -> bool:
    is_noise = entry.filename.startswith(_NOISE) or entry.filename.endswith(_NOISE)
    return is_noise or entry.is_dir()


def _read_path(entry: zipfile.ZipInfo) -> str:
    name = entry.filename
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name:
        raise _make_outside_problem(name)
    if stat.S_ISLNK(entry.external_attr >> 16) or _NAME.fullmatch(parts[-1]) is None:
        raise _make_file_problem(name)
    return name


def _read_content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Read a file up to the limit, whatever size the zip claims for it."""
    if entry.flag_bits & ENCRYPTED:
        raise InvalidInput(FIELD, "The zip is locked with a password. Send it without one.")
    with archive.open(entry) as file:
        content = file.read(MAX_FILE_BYTES + 1)
    if len(content) > MAX_FILE_BYTES:
        raise _make_size_problem(entry.filename)
    return content


def _refuse_much(files: dict[str, bytes]) -> None:
    path = next(reversed(files))
    if len(files[path]) > MAX_FILE_BYTES:
        raise _make_size_problem(path)
    if len(files) > MAX_FILES or sum(map(len, files.values())) > MAX_ALL_BYTES:
        raise InvalidInput(
            FIELD,
            f"A study has at most {MAX_FILES} files and {MAX_ALL_BYTES // 1_000_000} MB in all; "
            "this is more.",
        )


def _strip_top_folder(files_with_folder: dict[str, bytes]) -> dict[str, bytes]:
    """Remove the top folder that many programs put around the files of a zip."""
    tops = {path.partition("/")[0] for path in files_with_folder}
    around = (
        f"{tops.pop()}/"
        if len(tops) == 1 and all("/" in path for path in files_with_folder)
        else ""
    )
    around = "" if around == INSTRUMENTS else around
    files = {path.removeprefix(around): content for path, content in files_with_folder.items()}
    for path in files:
        if "/" in path.removeprefix(INSTRUMENTS):
            raise _make_outside_problem(path)
    return files


def _add_library(files: dict[str, bytes]) -> dict[str, bytes]:
    """Read the files as a folder, which adds the library's instruments."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return read_folder(folder)


def _make_outside_problem(name: str) -> InvalidInput:
    return InvalidInput(
        FIELD,
        f"The zip holds {_quote(name)}, which lies outside a study's folder. A study has .yaml "
        "files and one folder, instruments; the library's instruments come with the program.",
    )


def _make_file_problem(name: str) -> InvalidInput:
    return InvalidInput(
        FIELD,
        f"{_quote(name)} is not a file of a study. A study has .yaml files, named with letters, "
        "digits, _ and -. Leave the others out.",
    )


def _make_size_problem(name: str) -> InvalidInput:
    return InvalidInput(
        FIELD, f"{_quote(name)} is larger than {MAX_FILE_BYTES // 1_000_000} MB. Split it."
    )


def _quote(name: str) -> str:
    return repr(name[:80])
