"""The weekly job: recompute, archive, recount."""
