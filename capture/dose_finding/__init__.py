"""Safety: dose levels, their places and outcomes, and what committees decide of them."""
