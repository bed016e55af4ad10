"""Entry: instruments filled in, saved as one document each, corrected with a reason, never lost."""
