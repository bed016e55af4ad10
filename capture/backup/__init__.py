"""Copies of the whole record out of the program, and back: never by copying a live file."""
