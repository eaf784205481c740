from pathlib import Path

from dog.services.data.mapping.files_to_load import files_to_load
from dog.services.data.mapping.load_map import parse_load_map

MAP = """
[files.deals]
kind = "feedback"
path = "deals.xlsx"
sheet = "Deals"

[files.customers]
kind = "contacts"
path = "deals.xlsx"
sheet = "Customers"
"""


def test_files_go_by_their_entries_then_by_their_names_in_the_order_of_kinds(tmp_path: Path) -> None:
    for name in ("deals.xlsx", "scores.csv.gz", "Products.CSV", "other.csv", "feedback.csv.rejected.csv", "dog.toml"):
        (tmp_path / name).touch()
    files, unknown = files_to_load(tmp_path, parse_load_map(MAP))

    assert [(one.kind, one.path.name, one.entry.sheet) for one in files] == [
        ("products", "Products.CSV", None),
        ("contacts", "deals.xlsx", "Customers"),
        ("scores", "scores.csv.gz", None),
        ("feedback", "deals.xlsx", "Deals"),
    ]
    assert unknown == [tmp_path / "other.csv"]
