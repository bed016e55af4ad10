"""Allocation: the conditions for it, the allocation itself, and its effects."""
