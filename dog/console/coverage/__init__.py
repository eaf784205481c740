"""Coverage: which contacts get nothing or only poor offers, and what takes offers away."""
