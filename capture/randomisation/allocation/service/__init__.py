"""The acts around one allocation, a file each."""
