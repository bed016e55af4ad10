"""Whatever the key, methods that draw one at a time keep within the bounds that they promise."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from randomiser import METHODS, Arm, Design, list_places, make_draw

KEYS = st.binary(min_size=32, max_size=32)
RATIOS = st.lists(st.integers(1, 4), min_size=2, max_size=4)


def design(method, ratio=(1, 1), **parameters):
    return Design(
        randomisation="demo/question",
        version=1,
        method=METHODS[method],
        arms=tuple(Arm(f"arm {i}", share) for i, share in enumerate(ratio)),
        factors=(),
        **parameters,
    )


def counts_along(made, key, people):
    """Yield how many each arm has after every participant."""
    counts = dict.fromkeys((arm.name for arm in made.arms), 0)
    for place in islice(list_places(made, "list", make_draw(key)), people):
        counts[place.arm] += 1
        yield tuple(counts.values())


@given(KEYS, st.integers(1, 6))
def test_no_difference_passes_the_tolerance(key, tolerance):
    for made in (
        design("chen_biased_coin", p=Fraction(3, 5), tolerance=tolerance),
        design("big_stick", tolerance=tolerance),
        design("maximal_procedure", people=60, tolerance=tolerance),
    ):
        assert all(abs(a - b) <= tolerance for a, b in counts_along(made, key, 80))


@given(KEYS, RATIOS, st.integers(1, 5))
def test_a_list_with_a_fixed_number_of_people_ends_in_the_ratio(key, ratio, times):
    people = sum(ratio) * times
    made = design("random_allocation_rule", ratio, people=people)

    along = list(counts_along(made, key, people + 1))

    assert len(along) == people
    assert along[-1] == tuple(share * times for share in ratio)


@given(KEYS, RATIOS, st.integers(1, 4))
def test_a_block_urn_never_runs_further_ahead_than_its_sets(key, ratio, sets):
    made = design("block_urn", ratio, balanced_sets=sets)

    for counts in counts_along(made, key, 60):
        whole = min(count // share for count, share in zip(counts, ratio, strict=True))
        for count, share in zip(counts, ratio, strict=True):
            assert count <= share * (whole + sets)
