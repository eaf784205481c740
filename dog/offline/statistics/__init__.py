"""Measures of predictions: discrimination, probabilities, bootstrap intervals."""
