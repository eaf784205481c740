"""The embedded server: a real Valkey under the data folder, one for all processes that use that folder.

Locks say who uses it; the kernel releases them when a process ends, however it ends:

- `users.lock` is shared by the processes that use the server. The first one starts the server, the last one stops it.
- `server.lock` is held by the server itself, which inherits the open file. While it is taken no second server starts,
  for two servers on one folder would diverge.
- The folder itself is locked while a process stops using the server, so that of two which stop at once one is the last.

If the last users are killed, `embedded_runner.py`, the server's parent process, stops the server.
"""

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

from redis.exceptions import BusyLoadingError, RedisError, ResponseError

from dog.errors import StoreUnavailable
from dog.storage.connection import Redis, connect
from dog.storage.embedded_runner import SERVER_STOP_SECONDS
from dog.storage.machine_memory import read_memory_limit
from dog.storage.server_binary import find_binary

RUNNER = Path(__file__).with_name("embedded_runner.py")
LONGEST_SOCKET_PATH = 100  # bytes; the kernel takes about 108
START_SECONDS = 20
MEMORY_SHARE = 0.6
"""The rest is for the workers, the jobs, and what the server copies while it rewrites its append-only file."""
POLL_SECONDS = 0.01


class EmbeddedServer:
    """The server of a data folder, as this process uses it; `start` creates the folder.

    `fsync` is `always` (an answered write is on disk) or `everysec` (a power cut may lose the last second). On a server
    that already runs, `always` is set and `everysec` is not. Beyond `max_memory_bytes`, by default 60 % of what this
    machine or container has, it refuses writes: else the kernel would kill it, or the service.
    """

    def __init__(self, data_dir: Path, fsync: str = "always", max_memory_bytes: int | None = None) -> None:
        self.folder = (data_dir / "redis").absolute()
        self.fsync = fsync
        self.max_memory_bytes = max_memory_bytes or round(MEMORY_SHARE * read_memory_limit())
        self._is_adjusted = False
        self._users_lock: int | None = None

    @property
    def socket(self) -> Path:
        """The unix socket. Its path is recorded in a file, because TMPDIR may differ between users."""
        recorded = self.folder / "socket.path"
        return Path(recorded.read_text("utf-8")) if recorded.exists() else self.folder / "valkey.sock"

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"unix://{quote(str(self.socket))}"

    def start(self) -> None:
        """Start the server, or attach to the running one. Safe to call twice.

        Raise `StoreUnavailable` if there is no server program, or it does not start; the message says what to do.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            if self._users_lock is None:
                # waits while another process stops the server
                self._users_lock = _lock(self.folder / "users.lock", fcntl.LOCK_SH)
        except OSError as error:
            raise StoreUnavailable(
                f"the folder {self.folder} cannot be used ({error.strerror}); set DOG_DATA_DIR to another"
            ) from error
        try:
            self.ensure_running()
        except BaseException:
            self.stop()  # Ctrl-C leaves no server that is still starting
            raise

    def ensure_running(self) -> None:
        """Return once the server answers; start it if it has ended. Raise `StoreUnavailable` if it does not start."""
        started = False
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            try:
                if self._answers():
                    if started:
                        _sync_folders(self.folder)
                    return
            except BusyLoadingError:
                deadline = time.monotonic() + START_SECONDS  # it runs, and reads a long log
            lock = _lock(self.folder / "server.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            if lock is not None:
                try:
                    if started:
                        break
                    self._start_server(lock)
                    started, self._is_adjusted = True, False
                finally:
                    os.close(lock)
            time.sleep(POLL_SECONDS)
        raise StoreUnavailable(f"the embedded server does not start; {self._last_log_line()}")

    def stop(self) -> None:
        """Stop using the server; if no other process uses it, return once the server has ended."""
        if self._users_lock is None:
            return
        leaving = os.open(self.folder, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(leaving, fcntl.LOCK_EX)
        try:
            fcntl.flock(self._users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._shut_down()
        except BlockingIOError:  # others use it, or its runner stops it just now: only then this waits
            fcntl.flock(self._users_lock, fcntl.LOCK_SH)
        finally:
            self._release()
            os.close(leaving)

    def _release(self) -> None:
        if self._users_lock is not None:
            os.close(self._users_lock)
            self._users_lock = None

    def _answers(self) -> bool:
        """Return whether the folder's own server answers; if so, adjust its settings."""
        try:
            with connect(self.url, timeout_seconds=2) as client:
                client.ping()  # refused until all data are read; CONFIG is not
                found = self._is_ours(client)
                if found and not self._is_adjusted:
                    self._adjust(client)
                    self._is_adjusted = True  # once, so that an operator's CONFIG SET stays
                return found
        except BusyLoadingError:
            raise
        except RedisError:
            return False

    def _shut_down(self) -> None:
        deadline = time.monotonic() + SERVER_STOP_SECONDS
        while time.monotonic() < deadline:
            lock = _lock(self.folder / "server.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            if lock is not None:
                os.close(lock)
                return
            # again and again: a server that is starting has no socket yet. NOSAVE concerns snapshots, which we do not
            # make; the append-only file is written anyway
            with suppress(RedisError), connect(self.url, timeout_seconds=SERVER_STOP_SECONDS) as client:
                client.shutdown(nosave=True)
            time.sleep(POLL_SECONDS)

    def _start_server(self, lock: int) -> None:
        try:
            socket = self._place_socket()
            recorded = self.folder / "socket.path.new"
            recorded.write_text(str(socket), "utf-8")
            recorded.replace(self.folder / "socket.path")
            runner = (sys.executable, "-I", "-S", str(RUNNER), str(self.folder / "users.lock"), str(lock))
            with (self.folder / "server.log").open("ab") as output:
                subprocess.run(  # noqa: S603  # our own command
                    [*runner, *self._command(socket)],
                    check=False,
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    pass_fds=[lock],
                    start_new_session=True,  # Ctrl-C is for the users
                )
        except OSError as error:
            raise StoreUnavailable(
                f"the folder {self.folder} cannot be written ({error.strerror}); free space on its disk"
            ) from error

    def _command(self, socket: Path) -> list[str]:
        return [
            *(str(find_binary().absolute()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
            *("--dir", str(self.folder), "--logfile", str(self.folder / "server.log")),
            *("--appendonly", "yes", "--appendfsync", self.fsync, "--save", ""),
            # a start reads what was appended five times as slowly as what was rewritten
            *("--auto-aof-rewrite-percentage", "50", "--auto-aof-rewrite-min-size", "32mb"),
            *("--maxmemory", str(self.max_memory_bytes), "--maxmemory-policy", "noeviction"),
            *("--hash-max-listpack-entries", "256", "--hash-max-listpack-value", "128"),
        ]

    def _place_socket(self) -> Path:
        inside = self.folder / "valkey.sock"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        name = blake2b(os.fsencode(self.folder), digest_size=8).hexdigest()
        base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
        place = base / f"dog-{os.getuid()}-{name}"
        if len(os.fsencode(place / inside.name)) > LONGEST_SOCKET_PATH:
            raise StoreUnavailable(f"no socket fits into {base} either; set DOG_DATA_DIR to a shorter path")
        place.mkdir(mode=0o700, exist_ok=True)
        found = place.lstat()
        if found.st_uid != os.getuid() or found.st_mode & 0o077:  # another user may have created it
            raise StoreUnavailable(f"the folder {place} is open to others; remove it")
        return place / "valkey.sock"

    def _is_ours(self, client: Redis) -> bool:
        # a copied folder contains the path of the original's socket; the next start records a new one
        served = client.config_get("dir")["dir"]
        return served is not None and Path(served).resolve() == self.folder.resolve()

    def _adjust(self, client: Redis) -> None:
        if self.fsync == "always":
            client.config_set("appendfsync", "always")
        client.config_set("maxmemory", self.max_memory_bytes)
        with suppress(ResponseError):  # Redis 7.0 has no such limit
            client.config_set("set-max-listpack-entries", 512)

    def _last_log_line(self) -> str:
        log = self.folder / "server.log"
        try:
            return f"its log {log} ends: {log.read_text('utf-8', 'replace').splitlines()[-1]}"
        except (OSError, IndexError):
            return f"its log would be {log}"


def _sync_folders(folder: Path) -> None:
    """Keep new folders over a power cut: the server syncs its files and their folder, not the folders above."""
    for above in (folder, *folder.parents[:2]):
        with suppress(OSError):  # another user's, or on a file system that cannot
            handle = os.open(above, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _lock(path: Path, how: int) -> int | None:
    """Open a file and lock it; None if the lock is taken and `how` says not to wait."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, how)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
