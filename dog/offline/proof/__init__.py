"""A challenger compared with the champion: on held-out weeks, on logged decisions, in the shadow."""
