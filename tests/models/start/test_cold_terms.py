import numpy as np

from dog.models.start.cold_terms import ColdTerms, ColdWeights, ContactTerms

COLUMNS = (np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([[3.0], [1.0]]), np.array([[1.0], [0.5]]))
CONTACTS = ContactTerms(
    tastes=np.array([[0.1, 0.2], [0.5, -0.4]]), folded=np.array([[0.5], [0.1]]), likeness=np.array([[0.3], [0.9]])
)
WEIGHTS = ColdWeights(terms=((1.0, 0.0, 1.0), (0.5, 0.5, 0.5), (0.0, 1.0, 0.0)))
TERMS = ColdTerms.of(np.array([4, 7]), COLUMNS, CONTACTS.average(), WEIGHTS, np.array([0, 6]))
EVERY = slice(None)


def test_each_term_counts_by_its_weight_for_the_number_of_buyers() -> None:
    found = TERMS.log_odds(CONTACTS, np.array([True, True]), EVERY)

    taste, likeness = CONTACTS.tastes - CONTACTS.tastes.mean(axis=0), CONTACTS.likeness - 0.6
    folded = CONTACTS.folded - 0.3
    np.testing.assert_allclose(found[:, 0], taste @ COLUMNS[0][0] + likeness @ COLUMNS[2][0], atol=1e-12)
    np.testing.assert_allclose(found[:, 1], folded @ COLUMNS[1][1], atol=1e-12)


def test_the_average_contact_adds_nothing() -> None:
    found = TERMS.log_odds(CONTACTS.average(), np.array([True]), EVERY)

    np.testing.assert_allclose(found, 0.0, atol=1e-12)


def test_without_events_only_the_taste_counts() -> None:
    found = TERMS.log_odds(CONTACTS, np.array([False, False]), EVERY)

    taste = CONTACTS.tastes - CONTACTS.tastes.mean(axis=0)
    np.testing.assert_allclose(found[:, 0], taste @ COLUMNS[0][0], atol=1e-12)
    np.testing.assert_allclose(found[:, 1], 0.0, atol=1e-12)


def test_some_products_get_what_they_get_among_all() -> None:
    has_events = np.array([True, False])

    some = TERMS.log_odds(CONTACTS, has_events, np.array([1]))

    np.testing.assert_allclose(some[:, 0], TERMS.log_odds(CONTACTS, has_events, EVERY)[:, 1], atol=1e-12)


def test_joined_terms_are_those_of_both() -> None:
    more = ColdTerms.of(np.array([9, 11]), COLUMNS, CONTACTS.average(), WEIGHTS, np.array([1, 1]))
    has_events = np.array([True, True])

    joined = TERMS.joined(more)

    assert joined.products.tolist() == [4, 7, 9, 11]
    np.testing.assert_allclose(
        joined.log_odds(CONTACTS, has_events, EVERY),
        np.hstack([terms.log_odds(CONTACTS, has_events, EVERY) for terms in (TERMS, more)]),
        atol=1e-12,
    )
