"""Pairs and their ledgers: pages that are right, a story that adds up."""

import numpy as np
import pytest
from playwright.sync_api import expect

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.pair_ledger import read_pair_ledger
from dog.services.pairs.pair_query import PairQuery, query_pairs
from dog.services.pairs.pair_table import PairTable, PairTables, count_bins, preview_moves
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.conftest import Visit, picture
from tests.console.learning.conftest import Analyst
from tests.pair_rows import every_row


@pytest.fixture
def table(published: Store, runtime: Runtime) -> PairTable:
    found = PairTables().of(runtime, "default", "recommended", wait_seconds=10)
    assert found is not None
    return found


@pytest.mark.browser
def test_one_sorts_and_filters_pairs_and_opens_a_ledger(published: Store, window: Visit) -> None:
    page = window.page
    page.click("text=Pairs")
    expect(page.locator("#pairs-state")).to_contain_text("18 pairs of 3 contacts")
    page.locator("#sort-multiplier").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("multiplier")
    expect(page.locator("#sort-multiplier")).to_be_focused()
    picture(window, "pairs")
    page.fill("[name=product]", "fax")
    page.press("[name=product]", "Enter")
    expect(page.locator("#pairs-table tbody tr")).to_have_count(3)
    page.locator("#row-1").click()
    expect(page.locator("#ledger")).to_contain_text("Of 1 pitch")
    page.wait_for_selector("#ledger .series.up circle")
    picture(window, "ledger")

    expect(page.locator("#ledger > .scrolls tbody tr")).not_to_have_count(0)


def test_a_page_of_pairs_is_sorted_by_the_address_and_names_its_order(counted: Store, analyst: Analyst) -> None:
    text = analyst.see("/pairs", sort="ratio", order="up", contact="c3")

    assert 'aria-sort="ascending"' in text
    assert "6 pairs match" in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text


def test_bounds_of_a_number_filter_and_unknown_columns_are_ignored(counted: Store, analyst: Analyst) -> None:
    assert "9 pairs match" in analyst.see("/pairs", column="wins", at_least="1")
    assert "18 pairs match" in analyst.see("/pairs", column="nonsense", at_least="1", sort="nonsense", page="0")
    assert "No pair matches" in analyst.see("/pairs", product="nothing like it")


def test_without_a_version_the_page_says_when_pairs_come(analyst: Analyst, shop: Store) -> None:
    assert "There are none yet" in analyst.see("/pairs")


def test_a_page_is_sorted_and_counts_all(table: PairTable, runtime: Runtime) -> None:
    wanted = PairQuery(sort=("wins", True))
    first = query_pairs(runtime, "default", table, wanted, 0, 5)
    rest = query_pairs(runtime, "default", table, wanted, 5, 100)
    rows = [*first["rows"], *rest["rows"]]

    assert first["count"] == 18
    assert len(first["rows"]) == 5
    assert [row["wins"] for row in rows] == [1] * 9 + [0] * 9
    assert len({(row["contact_id"], row["product_id"]) for row in rows}) == 18


def test_filters_leave_what_fits_all_of_them(table: PairTable, runtime: Runtime) -> None:
    wanted = PairQuery(contact_id="c2", product="chair", bounds=[("losses", "greaterThan", 0)])
    found = query_pairs(runtime, "default", table, wanted, 0, 10)

    assert [(row["contact_id"], row["product_id"]) for row in found["rows"]] == [("c2", "p4")]
    assert query_pairs(runtime, "default", table, PairQuery(contact_id="nobody"), 0, 10) == {"count": 0, "rows": []}


def test_a_ledger_adds_up_week_by_week(published: Store, runtime: Runtime) -> None:
    ledger = read_pair_ledger(runtime, "default", "c1", "p1", "recommended")
    first, last = ledger.weeks[0], ledger.weeks[-1]

    assert (first.week, first.pitched, first.won, first.lost) == ("2026-W47", 1, 1, 0)
    assert (last.wins, last.losses, last.pending) == (1, 0, 0)
    assert ledger.now is not None
    assert last.multiplier == ledger.now["multiplier"]
    assert np.isclose(first.win_rate.low, 0.2065, atol=1e-4)


def test_the_table_holds_what_the_api_tells_of_every_pair(published: Store, runtime: Runtime) -> None:
    table = PairTables().of(runtime, "default", "recommended", wait_seconds=10)
    rows = {
        (row["contact_id"], row["product_id"]): (row["win_rate"], row["multiplier"], row["pitches"])
        for row in every_row(runtime, published, "recommended")
    }
    assert table is not None
    ids = runtime.shared(Snapshots).current(published).catalogue.ids
    digests = {published.tenant.contact(contact): contact for contact in ("c1", "c2", "c3")}
    held = {
        (digests[table.contacts[contact]], ids[pair["product"]]): (rate, pair["multiplier"], pitches)
        for contact, pair, rate, pitches in zip(
            table.contact, table.pairs, table.now.win_rate, table.pitches, strict=True
        )
    }

    assert held == rows


def test_the_settings_in_force_move_only_what_the_step_held_back(published: Store, runtime: Runtime) -> None:
    table = PairTables().of(runtime, "default", "recommended", wait_seconds=10)
    assert table is not None
    settled = preview_moves(table, table.multipliers.settings)
    flat = preview_moves(table, Reinforcement(a_max=1.0, d_min=1.0, explore=0.0, max_step=1000.0))

    assert settled["pairs"] == 18
    assert flat["up"] + flat["down"] == int((np.abs(1 / table.pairs["multiplier"] - 1) > 0.01).sum())


def test_a_spread_counts_every_value_once() -> None:
    middles, counts = count_bins(np.array([-1.0, 0.0, 0.49, 0.5, 2.0]), 0.0, 1.0, bins=2)

    assert middles == [0.25, 0.75]
    assert counts == [3, 2]
