"""The actions around an allocation, a file each."""
