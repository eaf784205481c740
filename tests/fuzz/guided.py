"""`python -m tests.fuzz.guided json --seconds 600`: look for bytes that a parser does not take, guided by its coverage.

Needs atheris, which `make fuzz-parsers` installs into an environment of its own. Ends with 1 and the bytes at fault.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DICTIONARY = Path(__file__).parent / "words.dict"
WATCHED = ["dog", "tomllib", "sqlglot.parser", "sqlglot.tokens", "csv"]
"""Modules whose branches guide the search."""
LONGEST_BYTES = 1 << 14


def look(name: str, seconds: int, seed: int, corpus: Path) -> None:
    """Fuzz one parser in this process, which ends with it."""
    import atheris  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415  # in an environment of its own

    with atheris.instrument_imports(include=WATCHED):  # before anything else has loaded them
        from tests.fuzz.parsers import hold  # noqa: PLC0415
    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST_BYTES}", f"-seed={seed}", "-rss_limit_mb=1024"]
    more = ["-print_final_stats=1", "-verbosity=0", f"-artifact_prefix={corpus.parent}/", f"-dict={DICTIONARY}"]
    atheris.Setup(["fuzz", *limits, *more, str(corpus)], lambda data: hold(name, data))
    atheris.Fuzz()


def look_apart(name: str, seconds: int, seed: int) -> int:
    """Fuzz one parser in a process of its own; its exit code."""
    from tests.fuzz.parsers import SEEDS  # noqa: PLC0415  # not in the process that watches what is loaded

    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        corpus.mkdir()
        for number, text in enumerate(SEEDS[name]):
            (corpus / str(number)).write_bytes(text)
        command = [sys.executable, "-m", "tests.fuzz.guided", name, "--here", str(corpus)]
        command += ["--seconds", str(seconds), "--seed", str(seed)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        tried = next((line.split()[-1] for line in done.stderr.splitlines() if "number_of_executed" in line), "?")
        kept = len(list(corpus.iterdir()))
        print(f"{name}: {tried} inputs, {kept} kept, {'nothing found' if not done.returncode else 'FOUND'}", flush=True)  # noqa: T201
        if done.returncode:
            print(done.stderr[-4000:], *(path.read_bytes() for path in corpus.parent.glob("*-*")), sep="\n")  # noqa: T201
    return done.returncode


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line and fuzz; exit 1 where something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.guided", description=__doc__)
    parser.add_argument("names", nargs="*", help="which parsers; all of them if none is given")
    parser.add_argument("--seconds", type=int, default=600, help="for each")
    parser.add_argument("--seed", type=int, default=int(datetime.now(UTC).timestamp()))
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.here:
        look(given.names[0], given.seconds, given.seed, given.here)
        return 0
    from tests.fuzz.parsers import PARSERS  # noqa: PLC0415  # not in the process that watches what is loaded

    if unknown := sorted(set(given.names) - set(PARSERS)):
        parser.error(f"no parser '{unknown[0]}'; there are {', '.join(PARSERS)}")
    return max([look_apart(name, given.seconds, given.seed) for name in given.names or PARSERS])


if __name__ == "__main__":
    raise SystemExit(main())
