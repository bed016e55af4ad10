"""The append-only record of every change: rows, bodies, seals, checkpoints; state is a fold of it."""
