"""Pages of a participant's randomisation: open items, the check, the result."""
