"""The acts of recovery: halt, re-entry, reconciliation, envelopes."""
