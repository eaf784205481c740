"""Rows and files in and out: import, export, batch lists, backup, erasure."""
