"""Transactions made to measure, so that the right answer is known beforehand."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest

Sale = tuple[str, str, float]
Sold = Callable[[Iterable[Sale]], pd.DataFrame]


@pytest.fixture(scope="session")
def sold() -> Sold:
    """Turn (contact, product, days since the start of 2026) into transactions of one piece for 1.0 each."""

    def build(sales: Iterable[Sale]) -> pd.DataFrame:
        rows = pd.DataFrame(sales, columns=["contact_id", "product_id", "day"])
        rows["occurred_at"] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(rows.pop("day"), unit="D")
        return rows.assign(quantity=1.0, amount=1.0)

    return build


@pytest.fixture(scope="session")
def year(sold: Sold) -> pd.DataFrame:
    """Let 240 contacts of two tastes buy for a year; c0, c4, c8 ... leave some day of their own."""
    random = np.random.default_rng(7)
    sales: list[Sale] = []
    for contact in range(240):
        last_day = random.uniform(100, 365) if contact % 4 == 0 else 365
        days = np.cumsum(random.exponential(random.uniform(3, 8), 150))
        for day in days[days < last_day].tolist():
            # of the six products of a taste the first sell best
            liked = 6 * (contact % 2) + random.choice(6, 2, replace=False, p=np.arange(6, 0, -1) / 21)
            sales += [(f"c{contact}", f"p{product}", day) for product in liked.tolist()]
    return sold(sales)
