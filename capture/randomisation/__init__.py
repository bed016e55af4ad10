"""Randomisation: concealed designs activated by two people, gates, allocations, their effects."""
