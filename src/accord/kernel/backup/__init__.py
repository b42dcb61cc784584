"""Backups: a consistent copy of a home while it works, in one archive, and the way back into an empty one."""
