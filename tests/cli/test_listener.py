"""The listening socket: taken only where it is free; when it takes no more, what is queued is still accepted."""

import socket

import pytest

from dog.cli.listener import open_listener, take_no_more
from dog.config import Settings
from dog.errors import InvalidSettings


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_an_address_on_which_another_process_listens_is_refused(host: str) -> None:
    shown = f"[{host}]" if ":" in host else host
    with open_listener(Settings(bind=f"{shown}:0")) as listener:
        port = listener.getsockname()[1]
        listener.listen()
        with pytest.raises(InvalidSettings, match=r"cannot be used \(Address already in use\); set DOG_BIND to a free"):
            open_listener(Settings(bind=f"{shown}:{port}"))


def test_nobody_can_connect_before_a_worker_listens() -> None:
    with open_listener(Settings(bind="127.0.0.1:0")) as listener, pytest.raises(ConnectionRefusedError):
        socket.create_connection(listener.getsockname())


def test_queued_connections_are_accepted_and_later_ones_wait_until_the_next_process_listens() -> None:
    with open_listener(Settings(bind="127.0.0.1:0")) as listener:
        listener.listen()
        address = listener.getsockname()
        with socket.create_connection(address) as queued:
            queued.sendall(b"asked")
            take_no_more(listener)
            with pytest.raises(TimeoutError):
                socket.create_connection(address, timeout=0.3)
            accepted, _ = listener.accept()
            with accepted:
                assert accepted.recv(5) == b"asked"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, timeout=0.3)
