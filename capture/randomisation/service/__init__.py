"""The acts of randomisation, a file each."""
