"""The actions of recovery: halt, re-entry, reconciliation, envelopes."""
