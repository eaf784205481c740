"""A proxy before the server's socket that loses some answers: the command is carried out, and nobody is told."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class LossyProxy:
    """Takes connections on loopback and passes them on; a share of the answers is dropped with the connection."""

    def __init__(self, path: str, share: float, chance: random.Random) -> None:
        self._path, self._share, self._chance = path, share, chance
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.dropped = 0
        self.losing = False
        self._closing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._closing = True
        self._listener.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX)
            far.connect(self._path)
            for source, target, answers in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._pass_on, args=(source, target, answers), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, answers: bool) -> None:  # a thread's
        with suppress(OSError):
            while data := source.recv(65536):
                if answers and self.losing and self._chance.random() < self._share:
                    self.dropped += 1
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def lossy_proxy(path: str, share: float, chance: random.Random) -> Iterator[LossyProxy]:
    """Run a proxy before a Unix socket."""
    proxy = LossyProxy(path, share, chance)
    try:
        yield proxy
    finally:
        proxy.close()
