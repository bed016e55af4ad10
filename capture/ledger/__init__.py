"""The append-only record of every change, its seals and checkpoints; state is a fold of it."""
