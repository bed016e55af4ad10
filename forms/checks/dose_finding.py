"""Check that what a dose-finding part names exists; the randomiser checks its decisions."""

from __future__ import annotations

from forms.checks.context import CheckContext
from forms.definition import DoseFinding


def prove_dose_finding(ground: CheckContext) -> None:
    """Note gates, consents and first levels that do not exist, and repeated names."""
    drawn = {randomisation.name for randomisation in ground.study.randomisations}
    for part in ground.study.dose_finding:
        _part(ground, part)
        if part.name in drawn:
            words = f"a randomisation is named `{part.name}` too; rename one"
            ground.problem(["dose_finding", part.name, "name"], words)


def _part(ground: CheckContext, part: DoseFinding) -> None:
    path: list[str | int] = ["dose_finding", part.name]
    gates = [gate.name for gate in ground.study.gates]
    scopes = [scope.name for scope in ground.study.consents]
    ground.require_known([*path, "gate"], part.gate, gates, "gate")
    ground.require_known([*path, "consent"], part.consent, scopes, "consent")
    ground.require_known([*path, "start"], part.start, part.level_names, "level")
    ground.require_unique([*path, "levels"], part.level_names, "levels")
