"""From outcomes to multipliers: settlement, evidence, win rates, priors, curves, recursion."""
