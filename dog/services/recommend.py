"""placeholder for import"""
MAX_K = 1000
MAX_CANDIDATES = 10_000
