"""Rows as columns: validated once a distinct value or by masks, merged and packed as arrays."""
