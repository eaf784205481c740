"""Rank one contact's options, and learn from one event, beside other open libraries, in one run: `make bench-peers`.

200 options, the best 10, one process and one thread. The peers rank in memory and keep nothing; what each does and
does not do stands in docs/explanation/performance.md. Prints a Markdown table of microseconds, medians.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
from scipy.sparse import csr_matrix

from benchmarks.list_data import load, make_plain
from dog.bootstrap import JOB_SECONDS, build_runtime
from dog.services.feedback.record_feedback import record_feedback
from dog.services.lists.gather_inputs import RankContext
from dog.services.lists.list_request import ListRequest
from dog.services.lists.rank_request import rank_contact
from dog.services.lists.read_contact import read_contact
from dog.services.lists.recommend import recommend
from dog.services.lists.snapshot import Snapshots

OPTIONS, CONTACTS, BEST = 200, 1000, 10
Timed = tuple[str, float, float]
chance = np.random.default_rng(1)


def main() -> None:
    """Measure all, and print."""
    print(f"| {OPTIONS} options | list, us | event, us |\n|---|---|---|")
    for peer in (ours, of_implicit, of_mabwiser, of_mab2rec, of_vowpal_wabbit):
        for name, list_us, event_us in peer():
            print(f"| {name} | {list_us:,.0f} | {event_us:,.0f} |", flush=True)


def ours() -> Iterator[Timed]:
    """Time the arithmetic alone, and the whole use case with its round trip, receipts and durable write."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {"DOG_DATA_DIR": folder, "DOG_LOG_LEVEL": "error", "DOG_DURABILITY": "standard"}
        runtime = build_runtime(environ, timeout_seconds=JOB_SECONDS)
        try:
            load(runtime, make_plain(OPTIONS, 100, datetime.now(UTC)))
            store = runtime.store("default")
            snapshot = runtime.shared(Snapshots).current(store)
            states = [read_contact(store, snapshot, f"c{n}", "recommended")[1] for n in range(100)]
            request = ListRequest("c1", k=BEST)
            context = RankContext(
                runtime=runtime, store=store, request=request, snapshot=snapshot, now_ms=runtime.clock()
            )
            arithmetic = median_us(lambda n: rank_contact(context, states[n % 100]), 400)
            whole = median_us(lambda n: recommend(runtime, "default", ListRequest(f"c{n % 100}", k=BEST)), 400)
            at = datetime.fromtimestamp(runtime.clock() / 1000 - 3600, UTC).isoformat()

            def event(n: int) -> dict[str, str]:
                ids = {"event_id": f"peer-{n}", "contact_id": f"c{n % 100}", "product_id": f"p{n % OPTIONS}"}
                return {**ids, "type": ("pitch", "win", "accept")[n % 3], "occurred_at": at}

            batches = [[event(1000 * batch + n) for n in range(1000)] for batch in range(1, 6)]
            learnt = median_us(lambda n: record_feedback(store, batches[n], runtime.clock()), 5) / 1000
        finally:
            runtime.close()
    yield "DOG, arithmetic alone: 3 models, multipliers, 20 rules", arithmetic, learnt
    yield "DOG, whole: read from Redis, receipts, decision kept; events kept exactly once", whole, learnt


def of_implicit() -> Iterator[Timed]:
    """Time alternating least squares: recommend for a user, and fold a user in again."""
    from implicit.als import AlternatingLeastSquares  # noqa: PLC0415  # each peer by itself

    bought = csr_matrix((chance.random((CONTACTS, OPTIONS)) < 0.05).astype(np.float32))
    model = AlternatingLeastSquares(factors=32, iterations=5, num_threads=1)
    model.fit(bought, show_progress=False)
    yield (
        "implicit, ALS",
        median_us(lambda n: model.recommend(n % CONTACTS, bought[n % CONTACTS], N=BEST), 400),
        median_us(lambda n: model.partial_fit_users([n % CONTACTS], bought[n % CONTACTS]), 200),
    )


def of_mabwiser() -> Iterator[Timed]:
    """Time an upper confidence bound over all options, the same for every contact."""
    from mabwiser.mab import MAB, LearningPolicy  # noqa: PLC0415

    bandit = MAB(list(range(OPTIONS)), LearningPolicy.UCB1(1.0))
    bandit.fit(chance.integers(0, OPTIONS, 2000).tolist(), chance.integers(0, 2, 2000).tolist())

    def best(_: int) -> list[int]:
        expected = bandit.predict_expectations()
        return sorted(expected, key=expected.get, reverse=True)[:BEST]

    yield "mabwiser, UCB1", median_us(best, 400), median_us(lambda n: bandit.partial_fit([n % OPTIONS], [1]), 200)


def of_mab2rec() -> Iterator[Timed]:
    """Time LinUCB with 8 features of the contact."""
    from mab2rec import BanditRecommender, LearningPolicy  # noqa: PLC0415

    contacts = chance.random((2000, 8))
    bandit = BanditRecommender(LearningPolicy.LinUCB(alpha=1.0), top_k=BEST)
    bandit.fit(chance.integers(0, OPTIONS, 2000).tolist(), chance.integers(0, 2, 2000).tolist(), contacts)
    yield (
        "mab2rec, LinUCB",
        median_us(lambda n: bandit.recommend(contacts[n : n + 1]), 40),
        median_us(lambda n: bandit.partial_fit([n % OPTIONS], [1], contacts[n : n + 1]), 40),
    )


def of_vowpal_wabbit() -> Iterator[Timed]:
    """Time a contextual bandit over action features, as text lines."""
    from vowpalwabbit import Workspace  # noqa: PLC0415

    bandit = Workspace("--cb_explore_adf --epsilon 0.05 --quiet -q CP")
    scores = chance.random((OPTIONS, 3))
    lines = ["shared |C seg=gold"]
    lines += [f"|P p={n} c={n % 20} a:{a:.3f} b:{b:.3f} c:{c:.3f}" for n, (a, b, c) in enumerate(scores.tolist())]
    labelled = [*lines[:5], "0:-1:0.01 " + lines[5], *lines[6:]]
    yield (
        "vowpalwabbit, cb_explore_adf",
        median_us(lambda _: bandit.predict(lines), 200),
        median_us(lambda _: bandit.learn(labelled), 200),
    )


def median_us(call: Callable[[int], object], times: int) -> float:
    """Return the median time of a call in microseconds, over the given number of calls."""
    taken = []
    for n in range(times):
        began = time.perf_counter()
        call(n)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1e6


if __name__ == "__main__":
    main()
