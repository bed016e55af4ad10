"""Dose finding: dose levels, their places and outcomes, and the decisions of committees."""
