import numpy as np

from dog.models.start.cold_terms import ColdTerms, ColdWeights

ROWS = (np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[3.0], [1.0]]), np.array([[1.0], [0.5]]))
AVERAGES = (np.array([0.1, 0.2]), np.array([0.5]), np.array([0.3]))
WEIGHTS = ColdWeights(terms=((1.0, 0.0, 1.0), (0.5, 0.5, 0.5), (0.0, 1.0, 0.0)))


def test_the_average_contact_adds_nothing() -> None:
    terms = ColdTerms.of(np.array([4, 7]), ROWS, AVERAGES, WEIGHTS, np.array([0, 6]))
    taste, factors, likeness = (average[None] for average in AVERAGES)

    found = terms.log_odds(slice(None), taste, factors, likeness, np.array([True]))

    np.testing.assert_allclose(found, 0.0, atol=1e-12)
