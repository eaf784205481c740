from contextlib import suppress
from itertools import count
from typing import Any

import numpy as np
import pytest

from dog.core.verdicts.cross_contact import SEGMENT, VoteKind, read_cross_contact, scope_key
from dog.services.data.import_rows import import_rows
from dog.services.feedback.record_feedback import record_feedback, retract_feedback
from dog.services.lists import snapshot
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.services.weekly.recount import recount
from dog.storage.sender import Sender
from dog.storage.store import Store
from dog.storage.votes import (
    find_wrong_rows,
    lift_votes,
    parse_vote,
    read_kept_votes,
    read_lifted,
    read_votes,
    remove_votes,
)
from tests.properties.protocol.crash import Crash, Killer, killed_at, load_scripts

TEAM = Sender(key_id="crm", names_actors=True)
NUMBER = count()


def send(store: Store, runtime: Runtime, contact: str = "c1", actor: str = "ann", **more: Any) -> str:
    event = {
        "event_id": f"e{next(NUMBER)}",
        "type": "discard",
        "contact_id": contact,
        "product_id": "p1",
        "occurred_at": "2026-11-20T11:00:00Z",
        "actor_id": actor,
        "reason": {"trigger": "market"},
        **more,
    }
    assert record_feedback(store, [event], runtime.clock(), sender=TEAM)[0].status == "accepted"
    return str(event["event_id"])


@pytest.fixture
def office(runtime: Runtime, store: Store) -> Store:
    import_rows(store, "products", [{"product_id": "p1", "category": "office"}], runtime.settings.zone)
    return store


def net(store: Store, runtime: Runtime) -> int:
    digest64 = store.tenant.digest64
    key = scope_key(SEGMENT, subject=digest64("office"), within=digest64(""))
    return read_cross_contact(read_votes(store)).segment.net(key, runtime.clock(), SEGMENT)


def test_a_vote_is_read_as_it_was_given(runtime: Runtime, office: Store) -> None:
    event_id = send(office, runtime, actor="zoë")
    vote = read_votes(office)[0]
    partition = office.tenant.partition_number(office.tenant.contact("c1"))
    kept = parse_vote(read_kept_votes(office, partition)[0])

    assert (vote["kind"], vote["sign"]) == (VoteKind.MARKET, -1)
    assert int(vote["subject"]) == office.tenant.digest64("office")
    assert int(vote["voter"]) == office.tenant.digest64("actor zoë")
    assert (kept.event_id, kept.subject, kept.within, kept.voter) == (event_id, "office", "", "actor zoë")
    assert (kept.contact, kept.product_id, kept.is_accept) == (office.tenant.contact("c1"), "p1", False)
    assert kept.at_ms == int(vote["at"])


def test_votes_of_contacts_in_many_partitions_are_read_together(runtime: Runtime, office: Store) -> None:
    for number in range(40):
        send(office, runtime, contact=f"c{number}", actor=f"a{number % 3}")

    assert len(read_votes(office)) == 40
    assert net(office, runtime) == -3


def test_of_many_votes_of_one_voter_the_newest_are_read(runtime: Runtime, office: Store) -> None:
    for minute in range(30):
        send(office, runtime, occurred_at=f"2026-11-20T11:{minute:02}:00Z")
    send(office, runtime, type="accept", occurred_at="2026-11-20T11:10:30Z")  # late: in the middle

    assert len(read_votes(office)) == 16
    assert net(office, runtime) == -1
    assert np.all(np.diff(read_votes(office)["at"].astype(np.int64)) > 0)


def test_a_vote_is_read_once_it_is_written_though_its_process_dies_next(
    runtime: Runtime, office: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    load_scripts(office.redis)
    monkeypatch.setattr(snapshot, "VOTES_SECONDS", -1.0)
    snapshots = runtime.shared(Snapshots)  # of another process, which reads votes from time to time
    snapshots.current(office)
    partition = office.tenant.partition_number(office.tenant.contact("c1"))
    kept = []
    for writes in range(1, 8):
        with suppress(Crash), killed_at(Killer(writes, executed=True)):
            send(office, runtime)
        kept.append(len(read_kept_votes(office, partition)))

        assert len(read_votes(office)) == kept[-1]
        assert snapshots.current(office).cross_contact.any is bool(kept[-1])

    assert kept[0] == 0 < kept[-1]


def test_a_retracted_vote_uncovers_the_one_before(runtime: Runtime, office: Store) -> None:
    send(office, runtime)
    accept = send(office, runtime, type="accept", occurred_at="2026-11-20T11:00:01Z")

    assert net(office, runtime) == 0
    assert retract_feedback(office, accept)
    assert net(office, runtime) == -1


def test_recount_finds_and_repairs_votes_that_disagree_with_the_log(runtime: Runtime, office: Store) -> None:
    first, second = send(office, runtime), send(office, runtime, actor="ben")
    partition = office.tenant.partition_number(office.tenant.contact("c1"))
    keys = office.keys.partition(partition)
    members = {parse_vote(member).event_id: member for member in read_kept_votes(office, partition)}
    ghost = members[first].replace(first.encode(), b"never")
    office.redis.zrem(keys.of("wide"), members[second])
    office.redis.zadd(keys.of("wide"), {ghost: 0})

    differences = recount(runtime, "default", repair=True)

    assert sorted(difference.what for difference in differences) == ["votes", "votes", "votes"][: len(differences)]
    assert len(differences) >= 2
    assert set(read_kept_votes(office, partition)) == set(members.values())
    assert find_wrong_rows(office, partition) == set()
    assert recount(runtime, "default") == []
    assert net(office, runtime) == -2


def test_removed_votes_leave_nothing(runtime: Runtime, office: Store) -> None:
    send(office, runtime)
    partition = office.tenant.partition_number(office.tenant.contact("c1"))
    remove_votes(office, partition, read_kept_votes(office, partition))

    assert len(read_votes(office)) == 0
    assert not office.redis.exists(office.keys.partition(partition).of("votes"))


def test_a_lift_is_kept_by_scope_and_key(office: Store) -> None:
    lift_votes(office, "segment", 2**63 + 5, 12)

    assert read_lifted(office) == {("segment", 2**63 + 5): 12}
