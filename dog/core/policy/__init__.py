"""Policies as values, and the reader that validates a policy document."""
