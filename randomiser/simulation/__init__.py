"""What a design does over many trials, before it comes into force; nothing here allocates."""

from __future__ import annotations
