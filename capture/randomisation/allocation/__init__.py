"""Allocation: what must hold before it, the act itself, and what follows."""
