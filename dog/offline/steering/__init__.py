"""Safer settings of the multiplier, proved and published by a weekly job where a tenant allows it."""
