"""Files loaded from end to end: what is counted, rejected, and loaded again after fixing."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from dog.errors import InvalidInput, NotFound, StoreUnavailable
from dog.services.data.export_rows import export_rows
from dog.services.data.load_file import load_file, refuse_full
from dog.services.data.mapping.map_entries import FileEntry
from dog.services.data.row_values import ACCEPTED, RowOutcome
from dog.services.runtime import Runtime
from dog.storage.catalogue import read_catalogue
from dog.storage.event_log import Status
from dog.storage.store import Store
from tests.workbooks import write_workbook


def test_a_mended_file_of_rejected_rows_is_loaded_as_it_is(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    path = tmp_path / "products.csv"
    path.write_bytes("Artikel;Wert;Grösse\np1;1,50;S\np2;n/a;M\np3;2,5;L;XL\n".encode("cp1252"))
    first = load_file(runtime, store.tenant.name, "products", path)
    assert first.rejected is not None
    assert first.counts.by_code == {"invalid_row": 1, "broken_line": 1}
    text = first.rejected.read_text("utf-8-sig")
    assert text.startswith("line;code;reason;Artikel;Wert;Grösse\n3;invalid_row;value: 'n/a' is not a number")
    first.rejected.write_text(text.replace("n/a", "1.000,25").replace("L;XL", "XL"), "utf-8-sig")

    second = load_file(runtime, store.tenant.name, "products", first.rejected, FileEntry(**first.found_options))

    assert (second.counts.accepted, second.rejected) == (2, None)
    rows = {product: read_catalogue(store).row(product) for product in ("p1", "p2", "p3")}
    assert rows == {
        "p1": {"value": 1.5, "Grösse": "S"},
        "p2": {"value": 1000.25, "Grösse": "M"},
        "p3": {"value": 2.5, "Grösse": "XL"},
    }


def test_an_export_of_excel_is_loaded_as_feedback(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    when = datetime(2026, 1, 5, 10)  # noqa: DTZ001  # as Excel has it
    head: list[Any] = ["Deal ID", "Stage", "Customer No", "SKU", "Close date", "Revenue"]
    rows = [
        head,
        [1, "Pitched", 7, "p1", when, None],
        [2, "Closed Won", 7, "p1", 46027.5, 99.5],
        [3, "?", 7, "p1", when, 1],
    ]
    path = write_workbook(tmp_path / "deals.xlsx", {"Notes": [["a", "b"]], "Deals": rows})
    entry = FileEntry(values={"type": {"Pitched": "pitch", "Closed Won": "win"}})
    found = load_file(runtime, store.tenant.name, "feedback", path, entry)
    export_rows(runtime, store.tenant.name, "feedback", tmp_path / "out.csv")

    assert (found.counts.accepted, found.counts.by_code) == (2, {"unmapped_value": 1})
    assert found.rejected is not None
    assert found.rejected.read_text("utf-8-sig").splitlines()[1].startswith("4,unmapped_value,")
    assert found.rejected.read_text("utf-8-sig").endswith(",3,?,7,p1,2026-01-05 10:00:00,1\n")
    assert "2026-01-05T12:00:00" in (tmp_path / "out.csv").read_text()


def test_a_file_that_cannot_be_mapped_changes_nothing_and_makes_no_tenant(runtime: Runtime, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("who,what\nc1,p1\n")

    with pytest.raises(InvalidInput, match="no column for contact_id"):
        load_file(runtime, "stranger", "contacts", tmp_path / "a.csv")
    with pytest.raises(NotFound, match="stranger"):
        runtime.store("stranger")


def test_rows_that_the_map_leaves_out_are_neither_loaded_nor_rejected(
    runtime: Runtime, store: Store, tmp_path: Path
) -> None:
    path = tmp_path / "deals.csv"
    head = "event_id,type,contact_id,product_id,occurred_at"
    rows = [f"e{n},{stage},c1,p1,2026-01-05T09:00:00Z" for n, stage in enumerate(("Won", "Qualified", "New", "Lost"))]
    path.write_text("\n".join([head, *rows]))
    entry = FileEntry(values={"type": {"Won": "win", "Qualified": "", "New": ""}})
    found = load_file(runtime, store.tenant.name, "feedback", path, entry)

    assert (found.counts.accepted, found.counts.by_code) == (1, {"unmapped_value": 1})
    entry = FileEntry(values={"type": {"Won": "win", "*": ""}})
    found = load_file(runtime, store.tenant.name, "feedback", path, entry)

    assert (found.counts.duplicates, found.counts.rejected, found.rejected) == (1, 0, None)
    assert '3 rows left out: type is mapped to ""' in found.notes


def test_rows_that_a_full_store_refused_end_a_load_that_would_go_on_after_them() -> None:
    refuse_full([ACCEPTED, RowOutcome(Status.REJECTED, "invalid_row", "is bad")])
    with pytest.raises(StoreUnavailable, match="run this again: it continues where it ended"):
        refuse_full([ACCEPTED, RowOutcome(Status.REJECTED, "store_full", "Redis was full")])
