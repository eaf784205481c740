"""Record answers, or compare them with those recorded.

python -m tests.recorded record [--checkout PATH] [--part NAME]
python -m tests.recorded compare [--checkout PATH] [--against PATH]
python -m tests.recorded random --cases 3000 --against PATH
"""

import argparse
import os
import sys
from pathlib import Path

from tests.recorded.answers import Record, by_part, read_answers, tell_differences, write_answers
from tests.recorded.play import RECORDED_CASES, ROOT, RandomPlay, play, play_apart, read_records, write_records
from tests.recorded.random_cases.differences import tell_random_differences


def compare(found: list[Record], against: list[Record] | None) -> int:
    """Tell the differences of each part; return how many parts differ."""
    differing = 0
    others = None if against is None else by_part(against)
    for part, records in by_part(found).items():
        if others is None:
            stored = read_answers(part)
        else:
            stored = [{"name": record.name, "text": record.text} for record in others.get(part, [])]
        told = tell_differences(records, stored)
        differing += bool(told)
        sys.stdout.write(f"{part}: {told or f'{len(records)} answers, all the same'}\n")
    return differing


def main() -> int:
    """Run the command line."""
    options = _parser().parse_args()
    checkout = options.checkout.resolve()
    chosen = RandomPlay(
        cases=options.cases,
        seed=options.seed,
        world=options.world,
        cluster=options.cluster,
        is_exact=not options.rounded,
    )
    if options.action == "play":
        write_records(play(checkout, options.work.resolve(), chosen if options.cases else None), options.out)
        sys.stderr.flush()
        os._exit(0)  # what the checkout registered at exit belongs to its forks
    if options.action == "random":
        return _compare_random(checkout, chosen, options)
    found = play_apart(checkout, RECORDED_CASES if options.part == "random" else None)
    if options.action == "record":
        for part, count in write_answers(found, only=options.part).items():
            sys.stdout.write(f"{part}: {count} answers\n")
        return 0
    against = play_apart(options.against.resolve()) if options.against else None
    return 1 if compare(found, against) else 0


def _compare_random(checkout: Path, chosen: RandomPlay, options: argparse.Namespace) -> int:
    """Play random cases here and elsewhere; without `--against` only write the answers."""
    found = play_apart(checkout, chosen)
    if options.out:
        write_records(found, options.out)
    if options.against is None:
        sys.stdout.write(f"{len(found)} answers\n")
        return 0
    against = options.against.resolve()
    other = read_records(against) if against.is_file() else play_apart(against, chosen)
    told = tell_random_differences(found, other)
    sys.stdout.write(f"{told or f'{len(found)} answers, all the same'}\n")
    return 1 if told else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.recorded", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("action", choices=["record", "compare", "random", "play"])
    parser.add_argument("--checkout", type=Path, default=ROOT, help="whose code is played (default: this one)")
    parser.add_argument("--part", help="record this part alone; the others stay as they are")
    parser.add_argument(
        "--against", type=Path, help="compare in full with another checkout, or with a file that `random --out` wrote"
    )
    parser.add_argument("--cases", type=int, default=0, help="how many random cases; a hundred for each tenant")
    parser.add_argument("--seed", type=int, default=1, help="other seeds make other cases")
    parser.add_argument("--world", type=int, help="play the random cases of this tenant alone")
    parser.add_argument("--cluster", action="store_true", help="play random cases on a Redis cluster")
    parser.add_argument("--rounded", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, help="write the answers to random cases to this file")
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
