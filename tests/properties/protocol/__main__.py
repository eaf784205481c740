"""Walk through the protocol from a seed; a failing example is printed as code.

python -m tests.properties.protocol [--seed N] [--examples N] [--steps N] [--shrink]
"""

import argparse

from tests.properties.protocol.machine import ProtocolMachine
from tests.properties.protocol.walks import own_server, walk

if __name__ == "__main__":
    description = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser(prog="python -m tests.properties.protocol", description=description)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--steps", type=int, default=40, help="of each example")
    parser.add_argument("--shrink", action="store_true", help="look for a shorter example of a failure")
    options = parser.parse_args()
    with own_server() as runtime:
        try:
            walk(runtime, examples=options.examples, steps=options.steps, from_seed=options.seed, shrink=options.shrink)
        finally:
            print(f"examples begun: {next(ProtocolMachine.numbers)}, of them two after a failure")  # noqa: T201
