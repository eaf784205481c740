import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.iso_weeks import DAY_MS
from dog.core.kernels.past_events import (
    BY_CATEGORY,
    BY_CONTACT,
    BY_PAIR,
    BY_PRODUCT,
    count_past_events,
    days_since_last,
)
from dog.core.records import NO_PRODUCT

CATEGORIES = np.array([0, 1, 1, 2, 2])  # of four products, and of those that are not in the catalogue
PRODUCTS = len(CATEGORIES) - 1
NOW_MS = 100 * DAY_MS

events = st.lists(
    st.tuples(st.integers(1, 3), st.sampled_from([*range(PRODUCTS), 9, NO_PRODUCT]), st.integers(80, 100)), max_size=8
)
options = st.lists(st.integers(0, PRODUCTS), max_size=5)
contacts = st.lists(st.tuples(events, options), min_size=1, max_size=4)
Contacts = list[tuple[list[tuple[int, int, int]], list[int]]]


def arrays(given_contacts: Contacts) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rows = [(kind, product, day * DAY_MS) for own, _ in given_contacts for kind, product, day in own]
    bounds = np.cumsum([0, *(len(own) for own, _ in given_contacts)])
    starts = np.cumsum([0, *(len(products) for _, products in given_contacts)])
    products = [product for _, own in given_contacts for product in own]
    return np.array(rows, np.int64).reshape(-1, 3), bounds, starts, np.array(products, np.int64)


def is_counted(by: int, product: int, option: int) -> bool:
    if by == BY_CONTACT:
        return True
    if by == BY_PRODUCT or product >= PRODUCTS:
        return False
    return product == option if by == BY_PAIR else bool(CATEGORIES[product] == CATEGORIES[option])


@given(contacts, st.integers(1, 3), st.sampled_from([BY_CONTACT, BY_PAIR, BY_CATEGORY, BY_PRODUCT]), st.integers(1, 20))
def test_a_window_counts_the_events_of_its_type_contact_and_days(
    given_contacts: Contacts, kind: int, by: int, days: int
) -> None:
    windows = np.array([[kind, by, days], [kind, BY_CONTACT, 1]])

    counts = count_past_events(*arrays(given_contacts), CATEGORIES, windows, NOW_MS)

    expected = [
        sum(
            event == kind and day * DAY_MS > NOW_MS - days * DAY_MS and is_counted(by, product, option)
            for event, product, day in own
        )
        for own, products in given_contacts
        for option in products
    ]
    assert counts[0].tolist() == expected


@given(contacts, st.integers(1, 3))
def test_days_count_from_the_last_event_of_the_pair(given_contacts: Contacts, kind: int) -> None:
    in_order: Contacts = [(sorted(own, key=lambda event: event[2]), products) for own, products in given_contacts]

    days = days_since_last(*arrays(in_order), np.array([kind]), PRODUCTS, NOW_MS)

    expected = [
        min(
            (100.0 - day for event, product, day in own if event == kind and product == option < PRODUCTS),
            default=np.nan,
        )
        for own, products in in_order
        for option in products
    ]
    np.testing.assert_array_equal(days[0], expected)
