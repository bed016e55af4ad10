"""Participants: the screening log, consent, dated facts, visits and how taking part ends."""
