"""Designs: entering, trying out, activating, simulating and proving them."""
