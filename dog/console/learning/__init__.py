"""The pages of learning: the curve and what it changes, and all pairs with their ledgers."""
