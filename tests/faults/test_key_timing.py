"""A wrong key is refused in the same time wherever it is wrong: nobody finds a key byte by byte."""

import random
import time
from http.client import HTTPConnection

import numpy as np
import pytest

from tests.faults.rows import Row, Scale
from tests.faults.test_neighbours import make_key
from tests.faults.worlds import world

ROW = 34
MOST_T = 4.5
"""|t| beyond which the literature on timing leaks calls a difference proved."""
WARM_UP = 200


def spoil(key: str, place: int) -> str:
    """Change one character of a key."""
    return f"{key[:place]}{'A' if key[place] != 'A' else 'B'}{key[place + 1 :]}"


def time_refusal(connection: HTTPConnection, key: str) -> int:
    """Ask with a wrong key over a connection that stays open; the nanoseconds until the 401 was read."""
    began = time.perf_counter_ns()
    connection.request("GET", "/v1/jobs", headers={"Authorization": f"Bearer {key}"})
    answer = connection.getresponse()
    answer.read()
    took = time.perf_counter_ns() - began
    assert answer.status == 401, answer.status
    return took


def welch_t(first: np.ndarray, second: np.ndarray) -> float:
    """Compare two means, their variances not taken for equal."""
    spread = first.var(ddof=1) / len(first) + second.var(ddof=1) / len(second)
    return float((first.mean() - second.mean()) / np.sqrt(spread))


def greatest_t(early: np.ndarray, late: np.ndarray) -> float:
    """Look at all times, and at the quicker 90, 50 and 10 % of all, where the machine's own noise is least."""
    both = np.concatenate([early, late])
    cuts = [float(np.quantile(both, share)) for share in (1.0, 0.9, 0.5, 0.1)]
    found = [welch_t(early[early <= cut], late[late <= cut]) for cut in cuts]
    return max(found, key=abs)


def run(scale: Scale, seed: int) -> Row:
    """Present keys with the first or the last character of the secret wrong, in random order, and compare the times."""
    wanted = 10_000 if scale == "long" else 1_000
    chance = random.Random(seed)
    with world(DOG_AUTH="required", DOG_WORKERS="1") as here:
        key = make_key(here, "default")
        here.serve()
        wrong = [spoil(key, key.index("_", 4) + 1), spoil(key, len(key) - 1)]
        order = [0, 1] * (wanted + WARM_UP)
        chance.shuffle(order)
        times: list[list[int]] = [[], []]
        connection = HTTPConnection("127.0.0.1", here.port, timeout=30)
        for kind in order:
            times[kind].append(time_refusal(connection, wrong[kind]))
        connection.close()
    early, late = (np.array(each[-wanted:], dtype=float) / 1000 for each in times)
    t = greatest_t(early, late)
    note = (
        f"median {np.median(early):.0f} us with the secret's first character wrong, {np.median(late):.0f} us with its "
        f"last; greatest |t| {abs(t):.2f} of four cuts"
    )
    return Row("key, wrong early or late", 2 * wanted, seed, int(abs(t) >= MOST_T), 0, 0, None, note)


def test_a_difference_of_a_hundredth_of_the_noise_is_found_in_ten_thousand() -> None:
    chance = np.random.default_rng(1)
    times = chance.gamma(4, 100, (2, 10_000))

    assert abs(greatest_t(times[0], times[1])) < MOST_T
    assert abs(greatest_t(times[0], times[1] + 20)) > MOST_T


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_where_a_key_is_wrong_does_not_show_in_the_time() -> None:
    row = run("short", seed=1)

    assert row.is_clean, row
