"""Change a policy: preview, publish, roll back, compare."""
