"""Participants: the screening log, consent, dated facts, planned visits and how taking part ends."""
