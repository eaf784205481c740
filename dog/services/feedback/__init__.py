"""Verdicts and outcomes taken in: read, annotated, recorded once, their effects told."""
