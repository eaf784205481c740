"""Write arrays of scores so that loads at the same time lose nothing: a script compares what is stored."""

from collections.abc import Sequence

from dog.storage.load_journal import SCORES, write_merged
from dog.storage.store import Store


def write_scores(
    store: Store, model: str, contacts: Sequence[bytes], packed: Sequence[bytes], bases: Sequence[bytes]
) -> list[int]:
    """Write one model's scores of contacts, given their digests; return the places of those that were refused.

    An array is written where the stored one is older, missing, or the one that it was merged from (`bases`, empty for
    none). Of the others another load has written meanwhile: they are to be read and merged again.
    """
    return write_merged(store, "write_scores", f"{SCORES}-{model}", list(zip(contacts, packed, bases, strict=True)))
