"""Simulation of a design over many trials before it is activated; nothing here allocates."""

from __future__ import annotations
