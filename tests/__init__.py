"""Everything that shows Sarcomere keeps its promises, from pure functions to a real browser."""
