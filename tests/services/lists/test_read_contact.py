import pytest

from dog.errors import NotFound
from dog.services.lists.read_contact import read_contact, read_each
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.erasure import write_tombstone
from dog.storage.store import Store


def test_contacts_read_together_are_those_read_alone(runtime: Runtime, loaded: Store) -> None:
    snapshot = runtime.shared(Snapshots).current(loaded)
    head, states = read_each(loaded, snapshot, ["c1", "nobody", "c3"], "recommended")

    alone = [read_contact(loaded, snapshot, contact_id, "recommended") for contact_id in ("c1", "nobody", "c3")]
    assert [one[0] for one in alone] == [head] * 3
    assert [state and (state.digest, state.record, state.packed_scores) for state in states] == [
        (state.digest, state.record, state.packed_scores) for _, state in alone
    ]


def test_an_erased_contact_is_none_among_others_and_not_found_alone(runtime: Runtime, loaded: Store) -> None:
    snapshot = runtime.shared(Snapshots).current(loaded)
    write_tombstone(loaded, loaded.tenant.contact("c2"))

    assert [state is None for state in read_each(loaded, snapshot, ["c1", "c2"], "recommended")[1]] == [False, True]
    with pytest.raises(NotFound, match="'c2' was erased"):
        read_contact(loaded, snapshot, "c2", "recommended")
