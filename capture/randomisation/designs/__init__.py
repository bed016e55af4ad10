"""Designs: entered, tried out, activated, simulated, proved."""
