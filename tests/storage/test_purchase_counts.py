import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dog.core.records import PURCHASES
from dog.services.data.import_rows import import_rows
from dog.services.runtime import Runtime
from dog.storage.contacts import TRANSACTIONS, read_arrays
from dog.storage.purchase_counts import count_purchases, rebuild_purchases
from dog.storage.store import Store

rows_of_a_contact = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 2**32 - 1), st.sampled_from([1.0, 2.0, 0.0, -1.0]), st.just(0.0))
)


@given(st.lists(rows_of_a_contact))
def test_purchases_are_counted_by_contact_and_product(contacts: list[list[tuple[int, int, float, float]]]) -> None:
    found = count_purchases([np.array(rows, TRANSACTIONS).tobytes() for rows in contacts])

    assert len(found) == len(contacts)
    for rows, packed in zip(contacts, found, strict=True):
        times: dict[int, list[int]] = {}
        for product, at, quantity, _ in rows:
            if quantity > 0:
                times.setdefault(product, []).append(at)
        expected = [(product, len(at), max(at)) for product, at in sorted(times.items())]
        assert np.frombuffer(packed, PURCHASES).tolist() == expected


def read_purchases(store: Store, contact_id: str) -> list[tuple[int, int, int]]:
    packed = read_arrays(store, "purchases", "", [store.tenant.contact(contact_id)])[0]
    assert packed is not None
    rows: list[tuple[int, int, int]] = np.frombuffer(packed, PURCHASES).tolist()
    return rows


BOUGHT = [
    {"contact_id": "c1", "product_id": "p1", "occurred_at": f"2026-11-{day:02}T10:00:00Z", "quantity": quantity}
    for day, quantity in ((3, 1), (5, 2), (7, -1))
]


def test_loading_the_same_rows_again_or_in_parts_gives_the_same_counts(runtime: Runtime, store: Store) -> None:
    for rows in (BOUGHT[:1], BOUGHT, BOUGHT[1:]):
        import_rows(store, "transactions", rows, runtime.settings.zone)

    assert read_purchases(store, "c1") == [(0, 2, 1793872800)]


def test_purchases_loaded_before_they_were_counted_are_counted_on_demand(runtime: Runtime, store: Store) -> None:
    import_rows(store, "transactions", BOUGHT, runtime.settings.zone)
    before = read_purchases(store, "c1")
    store.execute("DEL", store.tenant.partition(store.tenant.contact("c1")).of("purchases"))
    rebuild_purchases(store)

    assert read_purchases(store, "c1") == before
