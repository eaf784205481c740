from dog.services.pairs.worklist import describe_contact, find_contacts, list_choices
from dog.services.runtime import Runtime


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
