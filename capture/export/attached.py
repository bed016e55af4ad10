"""Attached files, in a folder of the bundle that contains identifying data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from capture.entry.reads import find_bytes, list_answers, list_file_ids
from capture.export.merged_definition import MergedDefinition
from capture.export.participant_record import ParticipantRecord
from capture.ledger.fold import StateRow
from capture.problems import Refused
from capture.visibility.datasets import DatasetViewer
from forms.items import FileItem
from forms.values import Attached, attached_in
from forms.values.files import ending_of

FOLDER = "files"
HASH_LETTERS = 12
"""How many digits of the hash are in a file's name; the manifest has the whole hash."""


class FileWriter:
    """Takes participants one by one and writes the files of the items that may be shown.

    File names are made of keys only, so that no name somebody typed can lead out of the folder; the
    original file name is in the manifest.
    """

    def __init__(
        self,
        connection: sa.Connection,
        merged: MergedDefinition,
        viewer: DatasetViewer,
        folder: Path,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._items = {
            instrument.name: {
                item.name: item.item.attachment
                for item in instrument.items
                if item.item.attachment is not None and viewer.shows_item(item.name)
            }
            for instrument in merged.instruments
            if viewer.identifying and viewer.shows_form(instrument.name)
        }
        self.lines: list[dict[str, Any]] = []

    def add(self, case: ParticipantRecord) -> None:
        for entry in case.entries:
            for name, item, file in self._list_attached(entry):
                self._write(case, entry, name, item, file)

    def _list_attached(self, entry: StateRow) -> Iterator[tuple[str, FileItem, Attached]]:
        answers = list_answers(entry)
        for name, item in self._items.get(entry["instrument"], {}).items():
            file = attached_in(answers.get(name, {}).get("v"))
            if file is not None:
                yield name, item, file

    def _write(
        self, case: ParticipantRecord, entry: StateRow, name: str, item: FileItem, file: Attached
    ) -> None:
        person = case.person
        keys = {
            "participant": person["participant_number"] or person["screening_number"],
            "visit": entry["visit_slug"],
            "occurrence": entry["occurrence"],
            "instrument": entry["instrument"],
            "instance": entry["instance"],
            "item": name,
        }
        ending = ending_of(item, file.name) or "bin"
        words = [*(str(key) for key in keys.values()), file.sha256[:HASH_LETTERS], ending]
        path = f"{FOLDER}/{'.'.join(words)}"
        (self._folder / FOLDER).mkdir(exist_ok=True)
        (self._folder / path).write_bytes(self._content(person["study"], entry["id"], name, file))
        self.lines.append(
            {
                "name": path,
                "sha256": file.sha256,
                "bytes": file.size,
                "attached_as": file.name,
                "site": case.site,
                **keys,
            }
        )

    def _content(self, study: str, entry: str, item: str, file: Attached) -> bytes:
        file_id = list_file_ids(self._connection, study, entry).get((item, file.sha256))
        content = find_bytes(self._connection, file_id) if file_id else None
        if content is None or hashlib.sha256(content).hexdigest() != file.sha256:
            raise Refused(
                f"The file attached to {item} of entry {entry} is missing or was changed in the "
                "database. No dataset was written. Run `sarcomere verify`."
            )
        return content
