"""The weekly job: recompute, its gate and lease; archive and recount."""
