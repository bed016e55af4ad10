"""Cohorts: groups found by evidence; recorded and corrected, never drawn and never moved."""
