from collections.abc import Iterator
from typing import Any

import pytest

from dog.errors import DogError
from dog.storage.connection import connect, primaries
from dog.storage.round_trip import RoundTrip
from dog.storage.store import Store


def test_answers_come_in_the_order_of_the_commands(store: Store) -> None:
    trip = store.trip()
    places = [trip.add("SET", "dog:{default}:a", "1"), trip.add("GET", "dog:{default}:a"), trip.add("GET", "dog:none")]
    answers = trip.send()

    assert places == [0, 1, 2]
    assert answers[1:] == [b"1", None]


def test_a_trip_without_commands_sends_nothing(store: Store) -> None:
    assert RoundTrip(store.redis).send() == []
    assert RoundTrip(store.redis).send(coming=iter(())) == []


def test_a_script_that_the_server_has_forgotten_is_loaded_and_run_once(store: Store) -> None:
    store.redis.script_flush()
    trip = store.trip()
    trip.script("take_lease", [store.keys.of("lease", "x"), store.keys.of("fence", "x")], ["me", 60_000])

    assert trip.send() == [1]
    assert store.redis.get(store.keys.of("fence", "x")) == b"1"


def test_commands_added_on_the_way_are_sent_too(store: Store) -> None:
    trip = store.trip()
    trip.add("SET", "dog:{default}:a", "1")

    def more() -> Iterator[None]:
        for _ in range(2):
            trip.add("INCR", "dog:{default}:a")
            yield

    assert trip.send(coming=more())[1:] == [2, 3]


def test_an_error_of_the_server_is_one_of_ours(store: Store) -> None:
    trip = store.trip()
    trip.add("SET", "dog:{default}:a", "x")
    trip.add("INCR", "dog:{default}:a")

    with pytest.raises(DogError):
        trip.send()


def test_the_node_that_a_key_moved_to_may_lack_the_script(cluster: str) -> None:
    with connect(cluster, timeout_seconds=5) as client:
        for server in primaries(client):
            server.script_flush()
        known: Any = client.nodes_manager.slots_cache  # of a RedisCluster
        nodes = {node.name: node for slot in known.values() for node in slot}
        another = dict(zip(nodes, [*list(nodes.values())[1:], next(iter(nodes.values()))], strict=True))
        for slot in known:
            known[slot] = [another[known[slot][0].name]]  # where keys were before they moved
        trip = RoundTrip(client)
        trip.script("take_lease", [b"dog:{moved}:lease:x", b"dog:{moved}:fence:x"], ["me", 60_000])

        assert trip.send() == [1]
