"""Keeping the bytes of attached files with the save whose items name them."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from capture import ids
from capture.entry.fold import FILE
from capture.entry.reads import list_file_ids
from capture.entry.service.entry_location import EntryLocation
from capture.entry.tables import attached_file
from capture.ledger.fold import Change
from capture.problems import InvalidInput
from forms.values import Attached, attached_in

_KEEP = attached_file.insert()


def keep_files(
    connection: sa.Connection,
    location: EntryLocation,
    entry_id: str,
    changes: Mapping[str, Change],
    files: Mapping[str, bytes],
) -> dict[str, str]:
    """Keep each file that a save newly names; returns the rows' ids as items of the save's body.

    files: the bytes that arrived, by item. The same file attached to the same item again has its
    row already. Raises InvalidInput for an item whose bytes did not arrive.
    """
    named = {
        name: file
        for name in sorted(changes)
        if (file := _find_named_file(location, name, changes[name]))
    }
    if not named:
        return {}
    kept, new_ids = list_file_ids(connection, location.study.slug, entry_id), {}
    for name, file in named.items():
        if (name, file.sha256) not in kept:
            new_ids[f"{FILE}{name}"] = _keep_file(
                connection, location, entry_id, name, file, content=files.get(name)
            )
    return new_ids


def _find_named_file(location: EntryLocation, name: str, change: Change) -> Attached | None:
    item = location.instrument.value_items.get(name)
    if item is None or item.attachment is None or not change.new:
        return None
    return attached_in(change.new.get("v"))


def _keep_file(
    connection: sa.Connection,
    location: EntryLocation,
    entry_id: str,
    item: str,
    file: Attached,
    *,
    content: bytes | None,
) -> str:
    if content is None or Attached.of(file.name, content) != file:
        label = location.instrument.value_items[item].label
        raise InvalidInput(item, f"{label}: choose the file again; it did not arrive whole")
    file_id = ids.new_id()
    row = {
        "id": file_id,
        "study": location.study.slug,
        "participant": location.person.id,
        "entry": entry_id,
        "item": item,
        "sha256": file.sha256,
        "size": file.size,
        "bytes": content,
    }
    connection.execute(_KEEP, row)
    return file_id
