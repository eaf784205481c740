from dog.storage.catalogue import (
    kind_of,
    number_products,
    put_products,
    read_attributes,
    read_catalogue,
    read_numbers,
    read_products,
    record_attributes,
)
from dog.storage.store import Store


def test_a_product_keeps_its_number_when_it_is_loaded_again(store: Store) -> None:
    put_products(store, {"p1": b'{"name":"Fax"}', "p2": b'{"name":"Phone"}'})
    put_products(store, {"p3": b"{}", "p1": b'{"name":"Fax 2"}'})

    assert read_numbers(store, ["p1", "p2", "p3", "p4"]) == {"p1": 0, "p2": 1, "p3": 2}
    assert read_products(store, ["p1"])["p1"]["name"] == "Fax 2"


def test_the_catalogue_lists_products_in_the_order_of_their_numbers(store: Store) -> None:
    assert number_products(store, ["b", "a", "b"]) == [0, 1, 0]
    assert list(read_catalogue(store).ids) == ["b", "a"]


def test_a_product_is_found_by_id_or_by_name_in_any_case(store: Store) -> None:
    put_products(store, {"p1": b'{"name":"Fax"}', "fax": b'{"name":"Phone"}', "p3": b'{"name":"Fax"}'})
    catalogue = read_catalogue(store)

    assert [catalogue.find(wanted) for wanted in ("fax", "FAX", "phone", "desk")] == ["fax", "p1", "fax", "desk"]
    assert (catalogue.names(), catalogue.names(1)) == (["Fax", "Phone"], ["Fax"])


def test_attributes_are_recorded_with_their_kind(store: Store) -> None:
    record_attributes(store, "product", [{"product_id": "p1", "colour": "blue", "weight": 1.5}])
    product, contact = read_attributes(store)

    assert (product["colour"], product["weight"], contact) == ("text", "number", {})
    assert (kind_of(True), kind_of(1), kind_of("x")) == ("boolean", "number", "text")
