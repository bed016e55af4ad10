"""A bundle as one zip file whose bytes depend on its content alone."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import IO

FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip file can hold; every file in the archive has it."""


def zip_folder(folder: Path) -> IO[bytes]:
    """Pack a folder's files, sorted by name, into an unnamed temporary file, opened at its start.

    Files in folders within it are packed too.
    """
    packed: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (whoever sends it closes it)
    try:
        _write_archive(folder, packed)
    except BaseException:
        packed.close()
        raise
    packed.seek(0)
    return packed


def _write_archive(folder: Path, packed: IO[bytes]) -> None:
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in _list_files(folder):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), FIRST_DAY)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)


def _list_files(folder: Path) -> list[Path]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(paths, key=lambda path: path.relative_to(folder).as_posix())
