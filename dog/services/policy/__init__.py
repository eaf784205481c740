"""Policies: checked, previewed, published, held to proof."""
