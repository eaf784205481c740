"""Random worlds, policies and requests, made from a seed and played against a checkout."""
