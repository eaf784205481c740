"""A pair's ledger in words."""

from dog.storage.store import Store
from tests.console.learning.conftest import Analyst


def test_the_ledger_of_a_pair_explains_its_multiplier(counted: Store, analyst: Analyst) -> None:
    text = analyst.see("/pairs", of_contact="c1", of_product="p1")

    assert "Fax machine for Ann Miller" in text
    assert "Of 1 pitch 1 won, 0 lost, 0 open." in text
    assert "With the trust that records have earned" in text


def test_of_a_multiplier_by_win_rates_the_curve_is_named(counted: Store, analyst: Analyst) -> None:
    text = analyst.see("/pairs", policy="published", of_contact="c1", of_product="p1")

    assert "For that the curve boosts by ×" in text
