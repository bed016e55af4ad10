"""Published definitions, read from their stored bytes and parsed once in this process."""

from __future__ import annotations

import threading
from collections import OrderedDict

import sqlalchemy as sa

from capture.problems import NotFound
from capture.study import tables
from capture.study.reads.versions import StudyVersion, get_version_in_force
from forms.build import PublishedForms
from forms.bundle import unbundle
from forms.definition import Study
from forms.load import load_study

KEPT_PARSED = 32


def get_definition_for(
    connection: sa.Connection,
    study: str,
    site: str | None = None,  # noqa: ARG001  (amendments reach sites one by one; callers say where)
) -> Study:
    """The definition in force at a site, which today is the same at all. Raises NotFound."""
    return get_definition(connection, get_version_in_force(connection, study))


def get_definition(connection: sa.Connection, published: StudyVersion) -> Study:
    """The definition of one version, for what was entered under it."""
    return _parsed.get(connection, published.sha256).study


def get_published_forms(connection: sa.Connection, published: StudyVersion) -> PublishedForms:
    """The form classes of one version, each built once in this process."""
    return _parsed.get(connection, published.sha256)


def get_bundle_bytes(connection: sa.Connection, sha256: str) -> bytes:
    """The published bytes, as they were hashed. Raises NotFound."""
    table = tables.study_bundle
    statement = sa.select(table.c.bytes).where(table.c.sha256 == sha256)
    content = connection.execute(statement).scalar()
    if content is None:
        raise NotFound(f"No published study has the hash {sha256}.")
    return bytes(content)


class _ParsedDefinitions:
    """Definitions with their forms, by the hash of their bytes, which never change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, PublishedForms] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, connection: sa.Connection, sha256: str) -> PublishedForms:
        with self._guard:
            if sha256 in self._kept:
                self._kept.move_to_end(sha256)
                return self._kept[sha256]
        parsed = PublishedForms(load_study(unbundle(get_bundle_bytes(connection, sha256))))
        with self._guard:
            self._kept[sha256] = parsed
            while len(self._kept) > KEPT_PARSED:
                self._kept.popitem(last=False)
        return parsed


_parsed = _ParsedDefinitions()
