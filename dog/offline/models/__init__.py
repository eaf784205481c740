"""The reference scorers: churn, purchase frequency, collaborative filtering. They know nothing of Redis."""
