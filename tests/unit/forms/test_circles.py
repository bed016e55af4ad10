"""No item rests on itself: by formulas, conditions or choices, over one form or several."""

from __future__ import annotations

import pytest

from forms.load import load_study
from forms.problems import DefinitionProblems
from tests.unit.forms.studies import small_files


def load(**conditions: str) -> None:
    """Load the small study with show-if conditions of the items named."""
    files = small_files()
    for name, condition in conditions.items():
        for path, text in files.items():
            shown = f'name: {name}, show_if: "{condition}",'.encode()
            files[path] = text.replace(f"name: {name},".encode(), shown)
    load_study(files)


@pytest.mark.parametrize(
    "conditions",
    [
        pytest.param({"pain": "[pain] > 1"}, id="itself"),
        pytest.param({"pain": "[pain][first-instance] > 1"}, id="itself at its first instance"),
        pytest.param({"pain": "[pain][next-instance] > 1"}, id="itself at a later instance"),
        pytest.param(
            {"secret": "[later][pain][last-instance] > 1", "pain": "[start][secret] = 'x'"},
            id="by another form",
        ),
    ],
)
def test_an_item_that_depends_on_itself_is_refused(conditions: dict[str, str]) -> None:
    with pytest.raises(DefinitionProblems, match="depends on itself"):
        load(**conditions)


def test_a_previous_instance_may_lead_back_to_it() -> None:
    load(pain="[pain][previous-instance] = ''")


def test_conditions_may_build_on_each_other() -> None:
    load(side="[heavy] = 1", birth="[side] <> ''", pain="[start][side] = 'left'")
