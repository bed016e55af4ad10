"""What a plain run leaves to `make test-all`, and that nothing else is left out."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.house import tree
from tests.support.engines import BOTH

SAMPLE = """
import pytest

both = pytest.mark.both_engines("a reason")
long = pytest.mark.long

@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request): return request.param

def test_twins(engine_name): pass

@both
def test_twins_that_matter(engine_name): pass

@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_on_one_alone(engine_name): pass

@pytest.mark.parametrize("people", [30, pytest.param(500, marks=long)])
def test_people(people): pass
"""
PLAIN = {
    "test_twins[sqlite]",
    "test_twins_that_matter[sqlite]",
    "test_twins_that_matter[postgresql]",
    "test_on_one_alone[postgresql]",
    "test_people[30]",
}


def chosen(pytester: pytest.Pytester, *options: str) -> set[str]:
    pytester.makepyfile(SAMPLE)
    pytester.makeini("[pytest]\nmarkers =\n  both_engines(reason)\n  long\n")
    alone = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "tests.support.selection")
    done = pytester.inline_run(*alone, *options)
    return {report.nodeid.partition("::")[2] for report in done.getreports() if _is_call(report)}


def _is_call(report: object) -> bool:
    return getattr(report, "when", "") == "call"


def test_a_plain_run_leaves_out_needless_twins_and_what_is_long(pytester: pytest.Pytester) -> None:
    assert chosen(pytester) == PLAIN


def test_a_whole_run_leaves_out_nothing(pytester: pytest.Pytester) -> None:
    assert chosen(pytester, "--whole") == {*PLAIN, "test_twins[postgresql]", "test_people[500]"}


def test_files_for_both_engines_exist_and_are_named_once() -> None:
    named = Counter(f"tests/{name}" for names in BOTH.values() for name in names)

    assert set(named) - set(tree.files()) == set(), "renamed or gone: tests/support/engines.py"
    assert [name for name, times in named.items() if times > 1] == []
