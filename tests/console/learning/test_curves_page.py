"""The page Curves and learning: from a setting to what it changes in lists, to what is live, and back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from dog.console.learning.curve_form import form_values
from dog.services.publishing.publish_policy import list_policy_versions, show_policy
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.console.conftest import Visit, picture
from tests.console.learning.conftest import Analyst


def form_of(runtime: Runtime, **changes: object) -> dict[str, object]:
    version, document = show_policy(runtime, "default", "recommended")
    return {**form_values(document), "policy": "recommended", "version": version, **changes}


def open_learning(visit: Visit) -> None:
    """Open the page, and wait for the parts that it fetches: a request that a later click ends counts as an error."""
    visit.page.click("text=Learning")
    shown(visit)


def shown(visit: Visit) -> None:
    visit.page.wait_for_selector("#observed tbody tr")
    expect(visit.page.locator("#fades")).to_contain_text("contacts will fade within 4 weeks")


@pytest.mark.browser
def test_a_slider_moves_by_keyboard_and_redraws_the_curve(published: Store, window: Visit) -> None:
    page = window.page
    open_learning(window)
    page.wait_for_selector("#drawn .series.up path")
    picture(window, "learning")
    slider = page.get_by_label("Strongest boost")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight")
    expect(page.locator("output[for=curve-a_max]")).to_have_text("4")
    page.get_by_label("tenant's rate").check()
    expect(page.locator("#examples")).to_have_count(0)
    expect(page.get_by_label("linear")).to_be_visible()
    expect(page.get_by_label("Trust in pairs")).to_be_hidden()


@pytest.mark.browser
def test_lists_are_previewed_and_a_curve_is_published_and_rolled_back(
    published: Store, window: Visit, runtime: Runtime
) -> None:
    page = window.page
    before, _ = show_policy(runtime, "default", "recommended")
    open_learning(window)
    page.get_by_label("fixed").check()
    page.get_by_role("button", name="Preview lists").click()
    expect(page.locator("#at-once")).to_contain_text("None of 3 lists changes.")
    expect(page.locator("#after-recompute")).to_contain_text("of 3 lists change")
    page.get_by_label("Comment").fill("Fixed trust")
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.locator("#versions tr", has=page.locator(".badge"))).to_contain_text("Fixed trust")
    shown(window)
    after, document = show_policy(runtime, "default", "recommended")
    page.get_by_role("button", name=f"Roll back to it: {before}").click()
    expect(page.locator("#learning-state")).to_contain_text(f"Version {before}")
    shown(window)

    assert after != before
    assert document["reinforcement"]["trust"] == [0.5, 0.5]
    assert show_policy(runtime, "default", "recommended")[0] == before


def test_the_page_shows_what_was_learned_and_the_versions(counted: Store, analyst: Analyst, runtime: Runtime) -> None:
    text = analyst.see("/learning")
    version, _ = show_policy(runtime, "default", "recommended")

    assert f"Version {version} of recommended is live." in text
    assert "Records of products count with" in text
    assert "The next recompute moves" in text
    assert "Examples: a pair with the usual chance" in text


def test_wins_stand_beside_those_that_were_expected(counted: Store, analyst: Analyst) -> None:
    text = analyst.see("/learning/observed", policy="recommended")

    assert "Fax machine" in text
    assert 'aria-label="Pairs of Fax machine"' in text


def test_a_draft_is_stored_and_changes_nothing_and_a_moved_version_is_refused(
    counted: Store, analyst: Analyst, runtime: Runtime
) -> None:
    before, _ = show_policy(runtime, "default", "recommended")
    form = form_of(runtime, a_max="2")
    draft = analyst.send("/learning/publish", **form, **{"as": "draft"})
    states = [one["state"] for one in list_policy_versions(runtime, "default", "recommended")]
    published_now = analyst.send("/learning/publish", **form)
    late = analyst.send("/learning/publish", **{**form, "a_max": "4"})

    assert "It is not live" in draft.text
    assert states.count("draft") == 1
    assert published_now.headers["HX-Redirect"].startswith("/console/learning?policy=recommended")
    assert show_policy(runtime, "default", "recommended")[1]["reinforcement"]["a_max"] == 2
    assert show_policy(runtime, "default", "recommended")[0] != before
    assert late.status_code in (409, 412)
    assert late.text.startswith("Nothing was published: Ada has published version")


def test_who_may_only_read_sees_the_curve_and_changes_nothing(
    published: Store, enter: Callable[..., Analyst], runtime: Runtime
) -> None:
    reader = enter("read")
    text = reader.see("/learning")

    assert "Preview lists" not in text
    for action in ("preview", "publish", "activate"):
        assert reader.send(f"/learning/{action}", **form_of(runtime)).status_code == 403


def test_before_the_first_recompute_the_page_says_what_is_missing(analyst: Analyst, shop: Store) -> None:
    text = analyst.see("/learning")

    assert "Trust is known with the first weekly recompute." in text
    assert "No pitch is settled yet." in analyst.see("/learning/observed", policy="recommended")
