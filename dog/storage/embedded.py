"""The embedded server: a real Valkey of our own under the data folder, one for all processes that share it.

Nobody owns it: the last one out turns off the light. Two locks say who is there, and the kernel drops them
with the process, however it ends:

- `users.lock` is shared by every process that uses the server. A command run alone starts the server, uses it
  and stops it; run beside the service it attaches, and whichever leaves last stops the server.
- `server.lock` is held by the server itself, which inherits the open file: two servers on one folder would
  diverge without a word, so none is started while the lock is taken.

After a `kill -9` of all its users the server lives on and the next comer attaches to it; nothing is guessed
from process ids, which are given out again. (PR_SET_PDEATHSIG would tie the server to a single thread.)
"""

import fcntl
import os
import subprocess
import tempfile
import time
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from urllib.parse import quote

from redis.exceptions import BusyLoadingError, RedisError, ResponseError

from dog.errors import StoreUnavailable
from dog.storage.connection import Redis, connect
from dog.storage.server_binary import find_binary

LONGEST_SOCKET_PATH = 100  # bytes; the kernel takes about 108
START_SECONDS = 20
STOP_SECONDS = 25
POLL_SECONDS = 0.01


class EmbeddedServer:
    """The server process under a data folder.

    Parameters
    ----------
    data_dir
        The folder; made if absent.
    fsync
        `always` (an answered write is on disk) or `everysec` (a power cut may lose the last second). A server
        that is found running is only ever made stricter.

    """

    def __init__(self, data_dir: Path, fsync: str = "always") -> None:
        self.folder = (data_dir / "redis").absolute()
        self.fsync = fsync
        self._users_lock: int | None = None

    @property
    def socket(self) -> Path:
        """The unix socket; where it was put is written down, for TMPDIR may differ from user to user."""
        recorded = self.folder / "socket.path"
        return Path(recorded.read_text("utf-8")) if recorded.exists() else self.folder / "valkey.sock"

    @property
    def url(self) -> str:
        """What clients connect to."""
        return f"unix://{quote(str(self.socket))}"

    def start(self) -> None:
        """Start the server, or attach to the one that lives; once more does no harm.

        Raises
        ------
        StoreUnavailable
            No server program is to be found, or it does not come up; the message says what to do.

        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o700)
            if self._users_lock is None:
                # Waits for one who is just stopping the server.
                self._users_lock = _lock(self.folder / "users.lock", fcntl.LOCK_SH)
        except OSError as error:
            raise StoreUnavailable(
                f"the folder {self.folder} cannot be used ({error.strerror}); set DOG_DATA_DIR to another"
            ) from error
        try:
            self.ensure_running()
        except BaseException:
            self._leave()
            raise

    def ensure_running(self) -> None:
        """Return once the server answers; start it if none lives. To be called whenever it may have died.

        Raises
        ------
        StoreUnavailable
            It does not come up.

        """
        spawned = False
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            try:
                with connect(self.url, timeout_seconds=2) as client:
                    client.ping()  # refused until all data are read; CONFIG is not
                    if self._is_ours(client):
                        return self._adjust(client)
            except BusyLoadingError:
                give_up = time.monotonic() + START_SECONDS  # it lives, and reads a long log
            except RedisError:
                pass  # nobody answers yet, or any more
            lock = _lock(self.folder / "server.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            if lock is not None:
                try:
                    if spawned:
                        break
                    self._spawn(lock)
                    spawned = True
                except OSError as error:
                    raise StoreUnavailable(
                        f"the folder {self.folder} cannot be written ({error.strerror}); make room on its disk"
                    ) from error
                finally:
                    os.close(lock)
            time.sleep(POLL_SECONDS)
        raise StoreUnavailable(f"the embedded server does not come up; {self._last_words()}")

    def stop(self) -> None:
        """Leave; the last one out stops the server. What was answered is on disk already."""
        if self._users_lock is None:
            return
        try:
            fcntl.flock(self._users_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._shut_down()
        except BlockingIOError:
            pass  # somebody else still uses it
        finally:
            self._leave()

    def _leave(self) -> None:
        if self._users_lock is not None:
            os.close(self._users_lock)
            self._users_lock = None

    def _shut_down(self) -> None:
        # NOSAVE is about snapshots, which we do not make; the append-only file is written out all the same.
        with suppress(RedisError), connect(self.url, timeout_seconds=STOP_SECONDS) as client:
            client.shutdown(nosave=True)
        give_up = time.monotonic() + STOP_SECONDS
        while time.monotonic() < give_up:
            lock = _lock(self.folder / "server.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
            if lock is not None:
                os.close(lock)
                return
            time.sleep(POLL_SECONDS)

    def _spawn(self, lock: int) -> None:
        socket = self._place_socket()
        recorded = self.folder / "socket.path.new"
        recorded.write_text(str(socket), "utf-8")
        recorded.replace(self.folder / "socket.path")
        command = [
            *(str(find_binary()), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"),
            *("--daemonize", "yes", "--dir", str(self.folder), "--logfile", str(self.folder / "server.log")),
            *("--appendonly", "yes", "--appendfsync", self.fsync, "--save", ""),
            *("--maxmemory-policy", "noeviction"),
            *("--hash-max-listpack-entries", "256", "--hash-max-listpack-value", "128"),
        ]
        done = subprocess.run(  # noqa: S603  # our own words
            command, check=False, capture_output=True, text=True, env={"LC_ALL": "C"}, pass_fds=[lock]
        )
        if done.returncode != 0:
            says = " ".join((done.stderr or done.stdout).split())
            raise StoreUnavailable(f"the embedded server did not start: {says}")

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
        if found.st_uid != os.getuid() or found.st_mode & 0o077:  # others may have made it first
            raise StoreUnavailable(f"the folder {place} is open to others; remove it")
        return place / "valkey.sock"

    def _is_ours(self, client: Redis) -> bool:
        # A copied folder brings along the record of the original's socket; the next start writes a new one.
        served = client.config_get("dir")["dir"]
        return served is not None and Path(served).resolve() == self.folder.resolve()

    def _adjust(self, client: Redis) -> None:
        if self.fsync == "always":
            client.config_set("appendfsync", "always")
        with suppress(ResponseError):  # Redis 7.0 has no such limit
            client.config_set("set-max-listpack-entries", 512)

    def _last_words(self) -> str:
        log = self.folder / "server.log"
        try:
            return f"its log {log} ends: {log.read_text('utf-8', 'replace').splitlines()[-1]}"
        except (OSError, IndexError):
            return f"its log would be {log}"


def _lock(path: Path, how: int) -> int | None:
    """Open a file and lock it; None if another has the lock and we were not to wait."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, how)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle
