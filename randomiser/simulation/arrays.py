"""Array types by their content; the width of the numbers depends on the computation."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Whole = NDArray[Any]
"""Whole numbers; those about people are indexed by trial, then by arrival."""
Real = NDArray[Any]
Yes = NDArray[Any]
"""Yes or no."""
