"""Oversight: the audit trail on screen, and redaction by two people."""
