"""Pages of recovery: reconciliation after a restore, envelopes."""
