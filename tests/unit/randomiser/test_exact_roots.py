"""Sums of square roots are compared exactly, whatever a float would say."""

from __future__ import annotations

import pytest

from randomiser.exact_roots import RootSum
from randomiser.verify import is_less

EQUAL = [
    ([(1, 8)], [(2, 2)]),  # sqrt 8 = 2 sqrt 2
    ([(1, 2), (1, 8)], [(1, 18)]),  # sqrt 2 + 2 sqrt 2 = 3 sqrt 2
    ([(3, 0), (1, 12)], [(2, 3)]),
    ([(1, 2), (1, 3)], [(1, 3), (1, 2)]),
    ([(2, 4)], [(4, 1)]),
    ([], [(5, 0)]),
]
LESS = [
    ([(1, 2)], [(1, 3)]),
    ([(1, 2), (1, 3)], [(1, 10)]),  # (sqrt 2 + sqrt 3)^2 = 5 + 2 sqrt 6 < 10, for 24 < 25
    # Squared 23 + 2 sqrt 90 < 21 + 2 sqrt 110, for (1 + sqrt 90)^2 = 91 + 2 sqrt 90 < 110.
    ([(1, 5), (1, 18)], [(1, 10), (1, 11)]),
    # (sqrt (n-1) + sqrt (n+1))^2 = 2n + 2 sqrt (n^2 - 1) < 4n: they differ from the 47th place on.
    ([(1, 10**31 - 1), (1, 10**31 + 1)], [(2, 10**31)]),
    ([], [(1, 1)]),
]


@pytest.mark.parametrize("one, other", EQUAL)
def test_equal_sums_are_not_below_each_other(one, other):
    for left, right in [(one, other), (other, one)]:
        assert not RootSum(tuple(left)) < RootSum(tuple(right))
        assert not is_less(left, right, True)


@pytest.mark.parametrize("one, other", LESS)
def test_the_smaller_sum_is_below_the_larger_and_not_the_other_way(one, other):
    assert RootSum(tuple(one)) < RootSum(tuple(other))
    assert is_less(one, other, True)
    assert not RootSum(tuple(other)) < RootSum(tuple(one))
    assert not is_less(other, one, True)


def test_a_sum_is_written_out():
    assert str(RootSum(((2, 8), (1, 3)))) == "2 sqrt(8) + 1 sqrt(3)"
