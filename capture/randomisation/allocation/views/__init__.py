"""Pages of one participant's randomisation: before it, the check, the result."""
