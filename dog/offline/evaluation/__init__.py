"""How good models, multipliers and rules were: figures, advice, report."""
