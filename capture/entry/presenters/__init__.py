"""What pages of any feature show of entries: cells and criteria in words."""
