from pathlib import Path

import pytest

from dog.errors import InvalidSettings, StoreError
from dog.process_setup import set_up_process
from dog.storage.connection import Redis
from dog.storage.embedded import EmbeddedServer
from dog.storage.schema import SCHEMA, mark_schema
from dog.storage.store import ensure_tenant


def test_settings_are_checked_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(InvalidSettings):
        set_up_process({"DOG_DATA_DIR": str(tmp_path), "DOG_WORKERS": "0"})

    assert list(tmp_path.iterdir()) == []


def test_a_server_that_does_not_keep_what_is_asked_for_is_refused(redis_server: EmbeddedServer) -> None:
    setup = set_up_process({"DOG_REDIS_URL": redis_server.url, "DOG_DURABILITY": "standard"})
    setup.close()

    assert (setup.server, setup.durability.profile) == (None, "standard")
    with pytest.raises(StoreError):
        set_up_process({"DOG_REDIS_URL": redis_server.url, "DOG_DURABILITY": "ha"})


def test_no_process_starts_on_data_of_a_newer_release(redis: Redis, redis_server: EmbeddedServer) -> None:
    for name in ("one", "shop"):
        ensure_tenant(redis, name)
    mark_schema(redis, "shop", SCHEMA + 1)

    with pytest.raises(
        StoreError, match=f"'shop' have schema {SCHEMA + 1} and this release reads schemas up to {SCHEMA}"
    ):
        set_up_process({"DOG_REDIS_URL": redis_server.url, "DOG_DURABILITY": "standard"})
