"""The past walked forward: what scores and multipliers were at each pitch, from what was known before it."""
