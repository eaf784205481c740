"""Events pushed by other services: who sent them, which events they are, and what was recorded."""
