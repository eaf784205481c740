"""How good models, multipliers and policies were: arithmetic over arrays, told from what was known beforehand."""
