"""Rows and files in and out: imports, exports, backups, erasure; the strict reader of JSON."""
