"""The browser sends a file in parts; the page rehearses and loads it."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from dog.storage.load_records import list_loads
from dog.storage.store import Store
from tests.console.conftest import Visit


@pytest.mark.browser
def test_a_file_of_several_parts_is_uploaded_rehearsed_and_loaded(window: Visit, shop: Store, tmp_path: Path) -> None:
    path = tmp_path / "more products.csv"
    path.write_text("Artikelnr;Name;Notiz\n" + "".join(f"q{n};Lamp {n};{'x' * 3000}\n" for n in range(900)))
    page = window.page
    window.go("/data")
    page.set_input_files("#upload-file", path)
    page.click("#upload-form button")
    page.click("#rehearse")
    expect(page.locator("#upload-task .counts")).to_contain_text("900")
    page.click("#load")
    expect(page.locator("#undo-load")).to_be_visible()

    assert path.stat().st_size > 2 << 20
    assert [(one.file, one.accepted) for one in list_loads(shop)] == [("more products.csv", 900)]
