"""What is known of each model as a whole: its direction, the date of its scores, their spread."""

from typing import Any

import orjson

from dog.storage.store import Store


def read_models(store: Store) -> dict[str, dict[str, Any]]:
    """Read the description of every model that has scores."""
    trip = store.trip()
    trip.add("HGETALL", store.keys.of("models"))
    return {name.decode(): orjson.loads(record) for name, record in sorted(trip.send()[0].items())}


def put_model(store: Store, name: str, record: dict[str, Any]) -> None:
    """Store the description of a model; processes take it up with their next request."""
    trip = store.trip()
    trip.add("HSET", store.keys.of("models"), name, orjson.dumps(record))
    trip.add("HINCRBY", store.keys.of("head"), "models", 1)
    trip.send()
