"""Recovery: reconciliation after a restore, and envelopes for a site without network."""
