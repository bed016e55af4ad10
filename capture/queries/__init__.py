"""Queries that a check opens and an answer closes."""
