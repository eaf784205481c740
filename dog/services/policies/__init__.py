"""Stored policies: read, check, compile."""
