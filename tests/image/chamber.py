"""A root folder with this machine's system read-only below it: of a container engine what a build and a start need."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64")
ETC = ("passwd", "group", "shadow", "gshadow", "login.defs", "nsswitch.conf", "resolv.conf", "hosts", "ssl", "pip.conf")
CARRIED = ("PIP_", "SSL_", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy")
ENTER = """
set -e
for folder in $FOLDERS; do
    mount --bind "$folder" "$ROOT$folder" && mount -o remount,ro,bind "$ROOT$folder"
done
mount --rbind /dev "$ROOT/dev" && mount -t proc proc "$ROOT/proc"
exec chroot "$ROOT" "$@"
"""
ENTER_SEALED = """
set -e
ip link set lo up
mount --bind "$ROOT" "$ROOT" && mount -o remount,ro,bind "$ROOT"
for folder in $FOLDERS; do
    mount --bind "$folder" "$ROOT$folder" && mount -o remount,ro,bind "$ROOT$folder"
done
mount --rbind /dev "$ROOT/dev" && mount -t proc proc "$ROOT/proc" && mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
mount -t tmpfs -o "mode=700,uid=$OWNER" tmpfs "$ROOT$VOLUME"
exec chroot "$ROOT" setpriv --reuid "$OWNER" --regid "$OWNER" --clear-groups --no-new-privs --bounding-set -all -- "$@"
"""


@dataclass(frozen=True, slots=True)
class Chamber:
    """A root of its own, with one Python."""

    root: Path
    python: Path

    @property
    def log(self) -> Path:
        """Where a started program's standard error goes."""
        return self.root.with_suffix(".log")

    @property
    def folders(self) -> tuple[str, ...]:
        """List what is shown from this machine, read-only."""
        own = (str(self.python.parent.parent),)
        return tuple(name for name in SYSTEM + own if Path(name).is_dir() and not Path(name).is_symlink())

    def prepare(self) -> None:
        """Lay the empty folders, and the few files of /etc that programs ask for."""
        for name in ("etc", "dev", "proc", "tmp", "opt", "srv", *self.folders):
            self.inside(name).mkdir(parents=True, exist_ok=True)
        for name in SYSTEM:
            if Path(name).is_symlink():
                self.inside(name).symlink_to(Path(name).readlink())
        for path in (Path("/etc") / name for name in ETC):
            if path.is_dir():
                shutil.copytree(path, self.inside(str(path)), symlinks=True, dirs_exist_ok=True)
            elif path.exists():
                shutil.copy(path, self.inside(str(path)))

    def inside(self, path: str) -> Path:
        """Name a path of the chamber as it is seen from outside."""
        return self.root / path.lstrip("/")

    def environ(self) -> dict[str, str]:
        """Begin an environment: the path, and how pip gets out of here."""
        carried = {name: value for name, value in os.environ.items() if name.startswith(CARRIED)}
        return {**carried, "PATH": f"{self.python.parent}:/usr/sbin:/usr/bin:/sbin:/bin"}

    def run(self, line: str, environ: Mapping[str, str]) -> None:
        """Run a shell line in it, as root, and fail where the line fails."""
        environ = {**environ, "ROOT": str(self.root), "FOLDERS": " ".join(self.folders), "HOME": "/root"}
        command = ["unshare", "-m", "bash", "-c", ENTER, "enter", "sh", "-c", line]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"

    def start(
        self, command: Sequence[str], environ: Mapping[str, str], user: str, volume: str
    ) -> subprocess.Popen[str]:
        """Start a program in it as an engine would: root read-only, no capability, no network but its own loopback."""
        words = {"ROOT": str(self.root), "FOLDERS": " ".join(self.folders), "OWNER": user, "VOLUME": volume}
        entry = ["unshare", "-m", "-n", "bash", "-c", ENTER_SEALED, "enter", *command]
        with self.log.open("w") as errors:
            return subprocess.Popen(entry, env={**environ, **words}, stderr=errors, text=True)
