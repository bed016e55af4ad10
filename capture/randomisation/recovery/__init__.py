"""Recovery: after a restore, and at a site that cannot reach the server."""
