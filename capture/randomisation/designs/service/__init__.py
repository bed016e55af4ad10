"""The acts about designs and their lists, a file each."""
