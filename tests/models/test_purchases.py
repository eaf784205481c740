from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dog.errors import NotReady
from dog.models.purchases import count_matrix, known_earlier, purchases_before, visits

CUTOFF = pd.Timestamp("2026-01-11", tz="UTC")

Sold = Callable[[Any], pd.DataFrame]


def test_nothing_from_the_cutoff_on_is_known(sold: Sold) -> None:
    purchases = purchases_before(sold([("c", "p", 9.99), ("c", "q", 10.0), ("d", "p", 11.0)]), CUTOFF)

    assert purchases.contact_ids.tolist() == ["c"]
    assert purchases.product_ids.tolist() == ["p"]


def test_the_last_24_hours_are_day_0(sold: Sold) -> None:
    purchases = purchases_before(sold([("c", "p", 9.99), ("c", "q", 9.0), ("c", "r", 8.99)]), CUTOFF)

    assert purchases.age_days.tolist() == [0, 0, 1]


def test_several_baskets_of_a_day_are_one_purchase_of_their_summed_amount(sold: Sold) -> None:
    purchases = purchases_before(sold([("c", "p", 5.1), ("c", "p", 5.6), ("c", "p", 6.2)]), CUTOFF)

    assert purchases.age_days.tolist() == [3, 4]
    assert purchases.amount.tolist() == [1.0, 2.0]


def test_corrections_are_no_purchases_and_huge_quantities_count_once(sold: Sold) -> None:
    sales = sold([("c", "fuel", 1), ("c", "bread", 1), ("d", "bread", 2)])
    sales["quantity"] = [89_638.0, 1.0, 0.0]

    purchases = purchases_before(sales, CUTOFF)

    assert count_matrix(purchases).tolist() == [[1.0, 1.0]]


def test_missing_and_negative_amounts_count_nothing(sold: Sold) -> None:
    sales = sold([("c", "p", 1), ("c", "p", 2)]).assign(amount=[np.nan, -5.0])

    assert purchases_before(sales, CUTOFF).amount.tolist() == [0.0, 0.0]


def test_no_purchase_before_the_cutoff_is_refused(sold: Sold) -> None:
    with pytest.raises(NotReady, match="no purchase before 2026-01-11"):
        purchases_before(sold([("c", "p", 12)]), CUTOFF)


def test_going_back_equals_having_cut_off_earlier(year: pd.DataFrame) -> None:
    end = pd.Timestamp("2026-12-31", tz="UTC")

    back = known_earlier(purchases_before(year, end), 100)
    earlier = purchases_before(year, end - pd.Timedelta(days=100))

    assert np.array_equal(back.contact_ids[back.contact], earlier.contact_ids[earlier.contact])
    assert np.array_equal(back.product_ids[back.product], earlier.product_ids[earlier.product])
    # ordered by contact, product and age in both
    assert np.array_equal(back.age_days, earlier.age_days)
    assert np.array_equal(back.amount, earlier.amount)


def test_a_visit_is_a_day_whatever_was_bought(sold: Sold) -> None:
    purchases = purchases_before(sold([("c", "p", 5.1), ("c", "q", 5.6), ("c", "p", 6.2), ("d", "p", 0)]), CUTOFF)

    contact, age_days, amount = visits(purchases)

    assert contact.tolist() == [0, 0, 1]
    assert age_days.tolist() == [3, 4, 9]
    assert amount.tolist() == [1.0, 2.0, 1.0]


def test_the_transactions_stay_as_they_are(year: pd.DataFrame) -> None:
    before = year.copy()

    purchases_before(year, CUTOFF)

    pd.testing.assert_frame_equal(before, year)
