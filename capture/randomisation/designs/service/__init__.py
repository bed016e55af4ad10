"""The actions on designs and their lists, a file each."""
