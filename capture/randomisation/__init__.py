"""Randomisation: concealed designs, activation by two, gates, allocations and what follows them."""
