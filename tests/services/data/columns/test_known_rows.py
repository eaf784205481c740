import pytest

from dog.services.data.columns import known_rows as module
from dog.services.data.columns.coded_values import code_values
from dog.services.data.columns.known_rows import find_unknown, note_unknown, withhold_erased
from dog.services.data.columns.row_table import RowTable
from dog.services.data.columns.table_outcomes import TableOutcomes
from dog.services.data.row_values import ERASED_ROW
from dog.services.lists.unknown_names import UnknownName
from dog.storage.erasure import write_tombstone
from dog.storage.name_counts import read_unknown_names
from dog.storage.store import Store
from dog.storage.tenant_settings import set_unknown_setting


def test_rows_of_erased_contacts_are_refused(store: Store) -> None:
    write_tombstone(store, store.tenant.contact("gone"))
    outcomes = TableOutcomes(RowTable(size=3, columns={}))
    withhold_erased(store, code_values(["gone", "c1", "gone"]), outcomes)

    assert outcomes.open().tolist() == [False, True, False]


def test_an_unknown_product_comes_before_an_unknown_contact(loaded: Store) -> None:
    contact, product = code_values(["c1", "new", "new"]), code_values(["p1", "p1", "p99"])
    outcomes = TableOutcomes(RowTable(size=3, columns={}))
    found = find_unknown(loaded, contact, product, outcomes)
    note_unknown(loaded, found, contact, outcomes, 0)

    assert found == {1: UnknownName("contact", "new"), 2: UnknownName("product", "p99")}
    assert read_unknown_names(loaded) == {("contact", ""): 1, ("product", "p99"): 1}
    assert [one.warning for one in outcomes.listed()] == [None, found[1], found[2]]
    outcomes = TableOutcomes(RowTable(size=3, columns={}))
    set_unknown_setting(loaded, "refuse")
    find_unknown(loaded, contact, product, outcomes)
    assert [one.code for one in outcomes.rejected()[1]] == ["unknown_contact", "unknown_product"]


def test_a_contact_is_known_after_the_stretch_in_which_it_was_stored(
    loaded: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STRETCH_ROWS", 2)
    outcomes = TableOutcomes(RowTable(size=6, columns={}))
    outcomes.reject([0, 1], ERASED_ROW)
    unknown = dict.fromkeys(range(6), UnknownName("contact", "new"))
    note_unknown(loaded, unknown, code_values(["new"] * 6), outcomes, 0)

    assert read_unknown_names(loaded) == {("contact", ""): 4}
    assert [place for place, one in enumerate(outcomes.listed()) if one.warning] == [2, 3]
