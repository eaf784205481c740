"""A curve from the slider to what is in force, and back."""

import numpy as np
import pytest
from playwright.sync_api import expect

from dog.core.learning.reinforcement_settings import Reinforcement
from dog.services.lists.snapshot import Snapshots
from dog.services.pairs.pair_table import PairTables, count_bins, preview_moves
from dog.services.publishing.publish_policy import show_policy
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.conftest import Visit, picture
from tests.pair_rows import every_row


def slide(visit: Visit, name: str, key: str, times: int = 1) -> None:
    """Move a slider by keyboard, as those do who use no mouse."""
    thumb = visit.page.locator(f"#curves-{name} [role=slider]")
    thumb.focus()
    for _ in range(times):
        thumb.press(key)


@pytest.mark.browser
def test_a_curve_goes_from_slider_to_publish_and_back(published: Store, window: Visit, runtime: Runtime) -> None:
    page = window.page
    before, _ = show_policy(runtime, "default", "recommended")
    page.click("text=Curves")
    expect(page.locator("#curves-broken")).to_contain_text("Order and bounds hold")
    expect(page.locator("#curves-moves")).to_contain_text("of 18 pairs")
    expect(page.locator("#curves-recursions")).to_contain_text("500 laps per contact: at this tenant's pace")
    page.fill("#curves-laps", "100")
    page.locator("#curves-lap_scope").get_by_text("tenant").click()
    expect(page.locator("#curves-recursions")).to_contain_text("100 laps of the tenant: at its pace")
    slide(window, "a_max", "ArrowRight", 10)
    expect(page.locator("#curves-a_max-is")).to_have_text("4")
    page.wait_for_selector("#curves-graph .series.up path")
    picture(window, "curves")
    page.fill("#curves-comment", "Bolder")
    page.click("#curves-publish")
    expect(page.locator("#curves-told")).to_contain_text("is in force")
    expect(page.locator("#curves-state")).not_to_contain_text(before)
    expect(page.locator("#curves-versions tr", has=page.locator(".badge"))).to_contain_text("Bolder")
    after, document = show_policy(runtime, "default", "recommended")

    assert after != before
    assert document["reinforcement"]["a_max"] == 4
    assert document["reinforcement"]["recursion"]["laps"] == 100
    assert document["reinforcement"]["lap_scope"] == "tenant"

    page.locator("#curves-versions tr", has_text=before).get_by_role("button", name="Put in force").click()
    expect(page.locator("#curves-told")).to_contain_text(f"{before} is in force")

    assert show_policy(runtime, "default", "recommended")[0] == before


@pytest.mark.browser
def test_a_curve_that_breaks_order_or_bounds_is_told_where(window: Visit) -> None:
    page = window.page
    page.click("text=Curves")
    expect(page.locator("#curves-broken")).to_contain_text("Order and bounds hold")
    page.locator("#curves-reading").get_by_text("literal").click()
    expect(page.locator("#curves-broken")).to_contain_text("a higher win rate would count for less")
    page.wait_for_selector("#curves-graph .series.up path")

    expect(page.locator("#curves-broken")).to_contain_text("At win rate 0.")


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
