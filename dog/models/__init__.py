"""The models that DOG brings along; they take data and return scores or parameters, and know nothing of Redis.

Three reference scorers (churn, purchase frequency, collaborative filtering) score contacts offline; `start` scores
contacts and products with little history, at request time.
"""
