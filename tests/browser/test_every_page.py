"""Every page that a role can reach, in a real browser at three widths: accessible, fitting, quiet."""

from __future__ import annotations
