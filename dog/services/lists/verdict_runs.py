"""Write the votes and the run of verdicts that act on each item: what the factors of verdicts were made from."""

from collections.abc import Sequence
from functools import lru_cache

import orjson

from dog.core.verdicts.cross_contact import SCOPES
from dog.services.lists.rank_request import Ranking

NAMES = (*SCOPES, "pair")
NO_VOTES = [0] * len(SCOPES)


def write_runs(ranking: Ranking, products: Sequence[int]) -> list[bytes]:
    """Return what acts on each chosen option by scope, votes and the run of its pair: those against it are negative.

    `products` are the numbers of their products.
    """
    verdicts, cross_contact = ranking.contact.verdicts, ranking.snapshot.cross_contact
    if not cross_contact.any and verdicts is None:
        return [b"{}"] * len(products)
    votes = [NO_VOTES] * len(products)
    if cross_contact.any:
        scope = ranking.scopes[0]
        by = {"segment": scope.segment, "account": scope.account, "actor": scope.actor}
        votes = cross_contact.net(scope.categories.take(ranking.ranked.chosen), **by, now_ms=scope.now_ms)
    of = verdicts.pairs.of if verdicts else _no_run
    return [_write((*net, of(product))) for net, product in zip(votes, products, strict=True)]


def _no_run(_: int) -> int:
    return 0


@lru_cache(maxsize=16_384)  # most options have the votes on few categories, and no run
def _write(counts: Sequence[int]) -> bytes:
    return orjson.dumps({name: count for name, count in zip(NAMES, counts, strict=True) if count})
