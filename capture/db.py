"""Two databases, one code: engines, transactions, and the column types both share."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from capture.config import Config
from capture.problems import Busy, ConfigurationProblem
from capture.writelock import WriteLock

Found = TypeVar("Found")

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Words = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""Text that sorts by code point on both engines."""

Document = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""A JSON value without floats."""

LOCK_TIMEOUT = "5s"
STATEMENT_TIMEOUT = "10s"
BOUNDED_WAIT = (
    f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; "
    f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'"
)
_REMEMBERED = "sarcomere_remembered"
_DISK_FULL = "53100"
_BUSY_STATES = {"55P03", "57014", "40001", "40P01"}
NEVER_REWRITTEN = ("ledger", "seal", "checkpoint", "study_bundle")
"""Tables into which the application's role may only insert."""
# Owning counts also through another role, and so does a right that somebody granted by hand.
_MAY_REWRITE = sa.text(
    "SELECT bool_or(pg_has_role(relowner, 'MEMBER')"
    " OR has_table_privilege(oid, 'UPDATE, DELETE, TRUNCATE')) "
    "FROM pg_class "
    "WHERE oid IN (SELECT to_regclass(name) FROM unnest(CAST(:tables AS text[])) AS name)"
)


def folded_table(name: str, *columns: sa.schema.SchemaItem, **options: Any) -> sa.Table:
    """Return a table that is a fold of the ledger: `verify` rebuilds it, subject by subject.

    Every row carries the ledger subject that it was folded from. Ids are a study's own: two studies
    may each have a first design of a randomisation called `duration`.
    """
    return sa.Table(
        name,
        metadata,
        sa.Column("id", Words, primary_key=True),
        sa.Column("study", Words, primary_key=True),
        sa.Column("subject", Words, nullable=False),
        *columns,
        sa.Index(f"ix_{name}_subject", "study", "subject"),
        info={"folded": True},
        **options,
    )


def folded_tables() -> list[sa.Table]:
    return [table for table in metadata.sorted_tables if table.info.get("folded")]


class Database:
    """The engine of one installation, with its two kinds of transaction."""

    def __init__(self, url: str, lock_path: Path | None = None) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = sa.create_engine(
            url,
            hide_parameters=True,  # an error text must not carry anybody's values
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            **(
                {}
                if self.is_sqlite
                else {
                    "pool_size": 8,
                    "max_overflow": 16,
                    "pool_pre_ping": True,
                    "pool_use_lifo": True,  # the last one used has our statements prepared
                }
            ),
        )
        self.lock = WriteLock(lock_path or lock_beside(url)) if self.is_sqlite else None
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)

    @classmethod
    def of(cls, config: Config) -> Database:
        config.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(config.database_url)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One consistent picture of the database (a snapshot on both engines); never writes."""
        options: dict[str, Any] = {_REMEMBERED: {}}
        if not self.is_sqlite:
            options["isolation_level"] = "REPEATABLE READ"
        with self.engine.connect().execution_options(**options) as connection:
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One write transaction: commit on leaving, roll back on any exception; bounded wait."""
        with refusing_clearly():
            if self.lock is None:
                with self.engine.connect() as plain:
                    connection = plain.execution_options(**{_REMEMBERED: {}})
                    with connection.begin():
                        connection.exec_driver_sql(BOUNDED_WAIT)
                        yield connection
            else:
                with self.lock.hold(), self.engine.connect() as plain:
                    connection = plain.execution_options(sarcomere_write=True, **{_REMEMBERED: {}})
                    with connection.begin():
                        yield connection

    def refuse_ownership(self) -> None:
        """Stop the start when the application's role could rewrite its own ledger."""
        if self.is_sqlite:
            return
        with self.reading() as connection:
            may_rewrite = connection.execute(
                _MAY_REWRITE, {"tables": list(NEVER_REWRITTEN)}
            ).scalar()
        if may_rewrite:
            raise ConfigurationProblem(
                "SARCOMERE_DATABASE_URL names a role that owns the ledger or may change it, so it "
                "could rewrite the past. Use the application's role there and the owner's in "
                "SARCOMERE_OWNER_URL."
            )

    def answers(self) -> bool:
        """Return whether the database answers at all (for /healthz)."""
        try:
            with self.reading() as connection:
                return bool(connection.execute(sa.text("SELECT 1")).scalar() == 1)
        except sa.exc.SQLAlchemyError:
            return False


def read_once(connection: sa.Connection, key: Hashable, read: Callable[[], Found]) -> Found:
    """Return what a read gave before in the same transaction, for what only acts of a study change.

    A picture of the database cannot change. A write transaction begins with nothing remembered, and
    forgets all of it when it puts anything but an act about a participant on record.
    """
    known = connection.get_execution_options().get(_REMEMBERED)
    if known is None:
        return read()
    if key not in known:
        known[key] = read()
    return cast(Found, known[key])


def forget_remembered(connection: sa.Connection) -> None:
    """Let what was remembered be read anew: this transaction may have changed it."""
    connection.get_execution_options().get(_REMEMBERED, {}).clear()


def lock_beside(url: str) -> Path:
    """Return the file on which the writers of a SQLite database queue."""
    return Path(str(sa.make_url(url).database) + ".write-lock")


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not open transactions by itself: `_begin_sqlite` says which kind it is.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "busy_timeout=15000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("sarcomere_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def refusing_clearly() -> Iterator[None]:
    """Turn the database's word that it cannot do something now into Busy, for a person to read."""
    try:
        yield
    except sa.exc.OperationalError as problem:
        words = _why_not_now(problem)
        if words is None:
            raise
        raise Busy(words) from problem


def _why_not_now(problem: sa.exc.OperationalError) -> str | None:
    """Return what the person is told of a write that cannot be done now; None: something else."""
    if _is_busy(problem):
        return "The database did not answer in time. Nothing was changed. Try again in a moment."
    if getattr(problem.orig, "sqlstate", None) == _DISK_FULL or "disk is full" in str(problem.orig):
        return (
            "The server's disk is full. Nothing was changed. Tell whoever runs this server, then "
            "try again."
        )
    return None


def _is_busy(problem: sa.exc.OperationalError) -> bool:
    return getattr(problem.orig, "sqlstate", None) in _BUSY_STATES or "locked" in str(problem.orig)
