"""The listening socket of `dog serve`, which outlives every process that accepts from it."""

import ctypes
import socket
import struct
from contextlib import suppress

from dog.config import Settings
from dog.errors import InvalidSettings

BACKLOG = 1024
"""Connections that wait until a worker accepts them."""
SO_ATTACH_FILTER, BPF_RETURN = 26, 0x06  # of Linux


def open_listener(settings: Settings) -> socket.socket:
    """Take the address of DOG_BIND, where the first ready worker listens. Raise InvalidSettings if it is taken."""
    listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        message = f"DOG_BIND {settings.bind} cannot be used ({error.strerror}); set DOG_BIND to a free port"
        raise InvalidSettings(message) from None
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # accepted connections inherit it
    return listener


def take_no_more(listener: socket.socket) -> None:
    """Let the kernel drop attempts to connect, which clients repeat a second later; what is queued is still accepted.

    To close or shut down the socket would reset connections whose requests are already on their way.
    """
    drop_all = ctypes.create_string_buffer(struct.pack("HBBI", BPF_RETURN, 0, 0, 0))
    program = struct.pack("HP", 1, ctypes.addressof(drop_all))
    with suppress(OSError):  # a sandbox may not know filters
        listener.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
