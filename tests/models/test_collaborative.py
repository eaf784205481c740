from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dog.models.collaborative import CollaborativeSettings, fit_collaborative

CUTOFF = pd.Timestamp("2026-12-20", tz="UTC")

Sold = Callable[[Any], pd.DataFrame]


@pytest.fixture(scope="module")
def checkerboard(sold: Sold) -> pd.DataFrame:
    """Let contact i buy the products j with i + j even, all but the one withheld: j = i."""
    return sold(
        (f"c{contact:02}", f"p{product:02}", 1.0)
        for contact in range(20)
        for product in range(20)
        if (contact + product) % 2 == 0 and contact != product
    )


def test_the_withheld_product_of_a_checkerboard_comes_first_of_those_not_bought(
    checkerboard: pd.DataFrame,
) -> None:
    settings = CollaborativeSettings(factor_count=3, regularization=0.1)
    affinity = fit_collaborative(checkerboard, CUTOFF, settings).matrix
    bought = (np.add.outer(np.arange(20), np.arange(20)) % 2 == 0) & ~np.eye(20, dtype=bool)

    best = np.where(bought, -np.inf, affinity).argmax(axis=1)

    assert best.tolist() == list(range(20))


def test_the_same_seed_gives_the_same_affinities(year: pd.DataFrame) -> None:
    once = fit_collaborative(year, CUTOFF, seed=5).matrix
    again = fit_collaborative(year, CUTOFF, seed=5).matrix

    assert np.array_equal(once, again)


def test_contacts_like_the_products_of_their_own_taste(year: pd.DataFrame) -> None:
    scores = fit_collaborative(year, CUTOFF).score()
    odd_contact = scores["contact_id"].str[1:].astype(int) % 2 == 1
    second_half = scores["product_id"].str[1:].astype(int) >= 6

    assert scores.loc[odd_contact == second_half, "score"].min() > scores.loc[odd_contact != second_half, "score"].max()


def test_bad_settings_are_refused() -> None:
    with pytest.raises(ValueError, match="must be at least 1"):
        CollaborativeSettings(factor_count=0)
