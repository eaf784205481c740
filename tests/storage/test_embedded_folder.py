"""A folder that cannot be written is our error, which the service survives, and no crash."""

from pathlib import Path

import pytest

from dog.errors import StoreUnavailable
from dog.storage.embedded import EmbeddedServer


def test_a_server_that_finds_no_room_says_so_in_our_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    server = EmbeddedServer(tmp_path)
    monkeypatch.setattr(server, "_place_socket", no_room)

    with pytest.raises(StoreUnavailable, match=r"No space left on device.*free space"):
        server.start()
