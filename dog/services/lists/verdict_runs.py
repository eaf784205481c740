"""Write the votes and the run of verdicts that act on each item: what the factors of verdicts were made from."""

from collections.abc import Sequence
from functools import cache

import orjson

from dog.services.lists.rank_request import Ranking


def write_runs(ranking: Ranking, products: Sequence[int]) -> list[bytes]:
    """Return what acts on each chosen option by scope, votes and the run of its pair: those against it are negative.

    `products` are the numbers of their products.
    """
    if not ranking.snapshot.cross_contact.any and ranking.contact.verdicts is None:
        return [b"{}"] * len(products)
    verdicts, cross_contact, scope = ranking.contact.verdicts, ranking.snapshot.cross_contact, ranking.scopes[0]

    @cache
    def votes(category: int) -> dict[str, int]:
        by = {"segment": scope.segment, "account": scope.account, "actor": scope.actor}
        return cross_contact.net(category, **by, now_ms=scope.now_ms) if cross_contact.any else {}

    own = dict(zip(verdicts.pairs.key.tolist(), verdicts.pairs.run.tolist(), strict=True)) if verdicts else {}
    categories = scope.categories.take(ranking.ranked.chosen).tolist()
    rows = zip(categories, products, strict=True)
    found = ({**votes(category), "pair": own.get(product, 0)} for category, product in rows)
    return [orjson.dumps({name: count for name, count in counts.items() if count}) for counts in found]
