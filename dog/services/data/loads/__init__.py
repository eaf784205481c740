"""Loads as a whole: rehearsed, kept with their ids, undone."""
