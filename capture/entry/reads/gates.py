"""A gate evaluated for one participant: what holds, what is blank, and how it is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from capture.entry.reads.casebook import Casebook
from capture.entry.reads.source_items import find_source_items
from capture.ledger.canonical import Value
from forms.definition import Study
from forms.eligibility import CriterionVerdict, GateVerdict, Result, Source


@dataclass(frozen=True)
class GateResult:
    """A gate's verdict with the casebook it was evaluated on."""

    casebook: Casebook
    verdict: GateVerdict

    @property
    def study(self) -> Study:
        return self.casebook.study

    def blanks_of(self, looked_at: Sequence[Source]) -> dict[str, Source]:
        """The sources among these that are not known, also those behind derived items."""
        return find_source_items(self.casebook, looked_at, only_unknown=True)

    def blank_words(self, looked_at: Sequence[Source]) -> str:
        """The items to fill in, by their labels and the instruments that ask them."""
        named = [self._name_source(source) for source in self.blanks_of(looked_at).values()]
        return "fill in " + ", ".join(named) if named else "it cannot be worked out"

    def _name_source(self, source: Source) -> str:
        if source.place is None:
            return f"“{source.label}”"
        return f"“{source.label}” in {self.study.instrument(source.place.instrument).title}"

    @property
    def criteria_content(self) -> list[Value]:
        """Each criterion's result with the values that people filled in, behind derived ones too.

        What only changes with the day (an age) is not among them.
        """
        return [
            [criterion.name, criterion.result.value, *self.values_behind(criterion.sources)]
            for criterion in self.verdict.criteria
        ]

    def values_behind(self, looked_at: Sequence[Source]) -> list[str]:
        """The values that people filled in, as text, behind some sources."""
        behind = find_source_items(self.casebook, looked_at)
        return [f"{source.name}: {source.shown}" for source in behind.values()]

    @property
    def gate_record(self) -> list[dict[str, Any]]:
        """The gate as it is stored with an act: result, values used, their sources."""
        return [
            {
                "criterion": criterion.name,
                "result": criterion.result.value,
                "values": [f"{value.label}: {value.shown}" for value in criterion.values],
                "sources": self.sources_record(criterion.sources),
            }
            for criterion in self.verdict.criteria
        ]

    def sources_record(self, looked_at: Sequence[Source]) -> list[dict[str, Any]]:
        """Values as they are stored with an act: the item, how it reads, its entry and versions."""
        return [self._source(source) for source in looked_at]

    def _source(self, source: Source) -> dict[str, Any]:
        entry = self.casebook.entry(source.place) if source.place else None
        where = (
            {"entry": entry.id, "version": entry.version, "study_version": entry.study_version}
            if entry
            else {}
        )
        return {"item": source.name, "shown": source.shown, **where}

    def criteria_words(self) -> Iterator[str]:
        """Every criterion that is not met or not known, each as words."""
        for criterion in self.verdict.criteria:
            if criterion.result is not Result.MET:
                yield self.criterion_words(criterion)

    def unmet_words(self) -> list[str]:
        """The criteria known not to be met, as sentences."""
        unmet = (
            criterion for criterion in self.verdict.criteria if criterion.result is Result.NOT_MET
        )
        return [make_sentence(self.criterion_words(criterion)) for criterion in unmet]

    def criterion_words(self, criterion: CriterionVerdict) -> str:
        """Why a criterion does not pass."""
        if criterion.result is Result.NOT_MET:
            return f"Not eligible. Not met: {criterion.wording}"
        return f"Not known yet: {criterion.wording} ({self.blank_words(criterion.blanks)})"


def make_sentence(words: str) -> str:
    """End words with a full stop, unless they end with a mark already."""
    return words if words.endswith((".", "!", "?")) else words + "."
