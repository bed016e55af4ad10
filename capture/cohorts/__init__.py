"""Cohorts: groups that follow from evidence; recorded and corrected, never randomised."""
