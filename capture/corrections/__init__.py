"""Corrections: entered in error, a wrong number, another site, another participant."""
