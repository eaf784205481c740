from dog.services.pairs.worklist import describe_contact, find_contacts, list_choices, next_contact
from dog.services.runtime import Runtime
from tests.conftest import Api


def test_each_contact_comes_once_until_it_has_had_a_list(api: Api, loaded: object, runtime: Runtime) -> None:
    del loaded
    seen = []
    while (contact := next_contact(runtime, "default", None)) is not None:
        seen.append(contact)
        api.post("/v1/recommendations", {"contact_id": contact})

    assert sorted(seen) == ["c1", "c2", "c3"]


def test_the_next_contact_comes_after_the_one_named(loaded: object, runtime: Runtime) -> None:
    del loaded
    first = next_contact(runtime, "default", None)
    second = next_contact(runtime, "default", first)
    third = next_contact(runtime, "default", second)

    assert {first, second, third} == {"c1", "c2", "c3"}
    assert next_contact(runtime, "default", third) == first


def test_contacts_are_found_by_id_or_a_part_of_their_name(loaded: object, runtime: Runtime) -> None:
    del loaded
    found, complete = find_contacts(runtime, "default", "ANN")

    assert (list(found), complete) == (["c1"], True)
    assert list(find_contacts(runtime, "default", "c2")[0].values()) == ["Bob"]
    assert find_contacts(runtime, "default", "  ") == ({}, True)


def test_a_contact_may_have_its_own_channels(loaded: object, runtime: Runtime) -> None:
    del loaded
    own = list_choices(runtime, "default", describe_contact(runtime, "default", "c1"), "channels")
    default = list_choices(runtime, "default", describe_contact(runtime, "default", "c3"), "channels")

    assert own == ["call", "email"]
    assert default
    assert describe_contact(runtime, "default", "nobody") == {}
