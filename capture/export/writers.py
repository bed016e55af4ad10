"""Writing one dataset: rows become Arrow batches, then CSV, Parquet and a digest of the values."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

from capture.export.columns import AnyDataset, DatasetColumn, as_arrow
from capture.export.participant_record import ParticipantRecord
from capture.export.request import CSV, PARQUET
from capture.problems import Refused

PENDING_ROWS = 100
"""Rows whose values are read at once: few, so that their documents stay in the cache."""

BATCH_ROWS = 2_000
"""Rows of one Arrow batch."""

GROUP_BYTES = 8_000_000
"""How many bytes of one dataset are buffered before writing: about one Parquet row group."""

FORMULA = r"^[=+\-@\t\r\n]"
"""Text that a spreadsheet would take for a formula begins so."""


@dataclass(frozen=True)
class WrittenFile:
    """One dataset as written. digest: of its values, whatever the format."""

    name: str
    title: str
    rows: int
    columns: tuple[str, ...]
    digest: str
    files: tuple[str, ...]


class _Sink(Protocol):
    def write_table(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


class Writer:
    """Takes participants one by one and writes their rows of a dataset.

    folder: where the files go. formats: csv, parquet or both.
    """

    def __init__(self, dataset: AnyDataset, folder: Path, formats: Sequence[str]) -> None:
        self._dataset = dataset
        self._stack = ExitStack()
        self._digest = hashlib.sha256()
        self._pending: list[Any] = []
        self._values: list[list[Any]] = [[] for _ in dataset.columns]
        self._batches: list[pa.RecordBatch] = []
        self._bytes = 0
        self._count = 0
        self._files = tuple(f"{dataset.name}.{name}" for name in formats)
        self._sinks = [self._open(folder / file, dataset.schema) for file in self._files]
        self._digested = [not column.follows for column in dataset.columns]
        names = [column.name for column in dataset.columns if not column.follows]
        self._digest.update(orjson.dumps(names) + b"\n")

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *problem: object) -> None:
        self._stack.close()

    def add(self, case: ParticipantRecord) -> None:
        self._pending.extend(self._dataset.rows(case))
        if len(self._pending) >= PENDING_ROWS:
            self._gather()

    def finish(self) -> WrittenFile:
        self._gather()
        self._flush()
        self._write()
        self._stack.close()
        return WrittenFile(
            name=self._dataset.name,
            title=self._dataset.title,
            rows=self._count,
            columns=tuple(column.name for column in self._dataset.columns),
            digest=self._digest.hexdigest(),
            files=self._files,
        )

    def _open(self, path: Path, schema: pa.Schema) -> _Sink:
        sink = SINKS[path.suffix.removeprefix(".")](path, schema, self._dataset)
        self._stack.callback(sink.close)
        return sink

    def _gather(self) -> None:
        """Read the pending rows' values, column by column, and add them to the digest."""
        pending, self._pending = self._pending, []
        values = [column.values(pending) for column in self._dataset.columns]
        self._update_digest(values)
        for whole, part in zip(self._values, values, strict=True):
            whole.extend(part)
        self._count += len(pending)
        if len(self._values[0]) >= BATCH_ROWS:
            self._flush()

    def _flush(self) -> None:
        """Turn the values read so far into one batch."""
        if not self._values[0]:
            return
        arrays = [
            self._as_arrow(column, plain)
            for column, plain in zip(self._dataset.columns, self._values, strict=True)
        ]
        self._values = [[] for _ in self._dataset.columns]
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._dataset.schema)
        self._batches.append(batch)
        self._bytes += batch.nbytes
        if self._bytes >= GROUP_BYTES:
            self._write()

    def _update_digest(self, values: list[list[Any]]) -> None:
        digested = [plain for plain, counts in zip(values, self._digested, strict=True) if counts]
        for row in zip(*digested, strict=True):
            self._digest.update(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))

    def _as_arrow(self, column: DatasetColumn[Any], plain: Sequence[Any]) -> pa.Array:
        try:
            return as_arrow(plain, column.type)
        except (pa.ArrowException, ValueError, TypeError, OverflowError) as problem:
            raise Refused(
                f"A value of {self._dataset.name}.{column.name} does not fit its type "
                f"({column.type}). No dataset was written. Run `sarcomere verify`, and look at the "
                "versions of the study: did the item change its type?"
            ) from problem

    def _write(self) -> None:
        if not self._batches:
            return
        table = pa.Table.from_batches(self._batches)
        self._batches, self._bytes = [], 0
        for sink in self._sinks:
            sink.write_table(table)


def _open_parquet_sink(path: Path, schema: pa.Schema, _dataset: AnyDataset) -> _Sink:
    sink: _Sink = pa.parquet.ParquetWriter(path, schema, compression="zstd")
    return sink


class _CsvSink:
    """CSV of the same tables; free text that looks like a formula gets a quote before it."""

    def __init__(self, path: Path, schema: pa.Schema, dataset: AnyDataset) -> None:
        self._writer = pa.csv.CSVWriter(path, schema)
        self._free = [number for number, column in enumerate(dataset.columns) if column.is_free]

    def write_table(self, table: pa.Table) -> None:
        for number in self._free:
            field = table.schema.field(number)
            table = table.set_column(number, field, quote_formulas(table.column(number)))
        self._writer.write_table(table)

    def close(self) -> None:
        self._writer.close()


SINKS: Mapping[str, Callable[[Path, pa.Schema, AnyDataset], _Sink]] = {
    CSV: _CsvSink,
    PARQUET: _open_parquet_sink,
}
"""What writes each format of `request.FORMATS`."""


def quote_formulas(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Put a single quote before texts that a spreadsheet would take for a formula."""
    risky = pc.match_substring_regex(texts, FORMULA)
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)
