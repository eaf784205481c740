import numpy as np
import pytest

from dog.core.records import CONTACT_LEVEL, SCORES
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.read_contact import ContactState
from dog.services.lists.snapshot import Snapshots
from dog.services.lists.stored_scores import StoredScores, stored_scores
from dog.services.runtime import Runtime
from dog.storage.packed_scores import pack_scores
from dog.storage.store import Store

PRODUCTS, NOW_MS, DAY_MS = 6, 1_795_176_000_000, 86_400_000
EVERY = np.ones(PRODUCTS, bool)
MODELS = ("churn", "cf", "frequency")


def contact(random: np.random.Generator) -> ContactState:
    """Make a contact whose models have scores of some products, of the contact, of nothing, or old ones."""
    scores = {}
    for model in MODELS:
        kind = random.integers(5)
        numbers = np.flatnonzero(random.random(PRODUCTS) < 0.6) if kind < 3 else np.array([CONTACT_LEVEL])
        if kind < 4:
            records = np.zeros(len(numbers), SCORES)
            records["product"], records["score"] = numbers, random.random(len(numbers))
            scores[model] = pack_scores(NOW_MS - int(random.integers(200)) * DAY_MS, records)
    digest = random.bytes(16)
    known: dict[str, bytes | None] = dict(scores)
    return ContactState.unpack(
        digest, record={}, scores=known, laps=0, multipliers=None, verdicts=None, outcomes=None, purchases=None
    )


def expected(one: ContactState, max_age_ms: dict[str, float], offered: np.ndarray = EVERY) -> dict[int, list[float]]:
    """Return each product's scores by model, written the long way."""
    fresh = {
        model: {int(number): float(score) for number, score in records.tolist()}
        for model, (as_of_ms, records) in one.scores.items()
        if NOW_MS - as_of_ms <= max_age_ms[model]
    }
    levels = {model: found[CONTACT_LEVEL] for model, found in fresh.items() if CONTACT_LEVEL in found}
    products = sorted(
        {number for model, found in fresh.items() if model not in levels for number in found if offered[number]}
    )
    products = products or (np.flatnonzero(offered).tolist() if levels else [])
    return {
        product: [levels.get(model, fresh.get(model, {}).get(product, np.nan)) for model in max_age_ms]
        for product in products
    }


def rows(found: StoredScores) -> list[dict[int, list[float]]]:
    """Return the scores of each contact as `expected` does."""
    bounds = zip(found.starts[:-1].tolist(), found.starts[1:].tolist(), strict=True)
    return [
        {int(found.products[place]): found.raw[:, place].tolist() for place in range(first, end)}
        for first, end in bounds
    ]


@pytest.mark.parametrize("seed", range(20))
def test_scores_of_many_contacts_are_those_of_each(runtime: Runtime, loaded: Store, seed: int) -> None:
    random = np.random.default_rng(seed)
    active = runtime.shared(Snapshots).current(loaded).policy("recommended")
    ages = {model.name: age for model, age in zip(active.plan.models, active.max_age_ms, strict=True)}
    contacts = [contact(random) for _ in range(1 + seed)]
    wanted = [expected(one, ages) for one in contacts]

    found = stored_scores(active, ContactTable.of(contacts), NOW_MS, offered=EVERY)
    np.testing.assert_equal(rows(found), wanted)
    one = stored_scores(active, ContactTable.of(contacts), NOW_MS, offered=EVERY, product=2)
    np.testing.assert_equal(rows(one), [{2: scores[2]} if 2 in scores else {} for scores in wanted])
    each = random.integers(PRODUCTS, size=len(contacts))
    pairs = stored_scores(active, ContactTable.of(contacts), NOW_MS, offered=EVERY, product=each)
    own = zip(wanted, each.tolist(), strict=True)
    np.testing.assert_equal(rows(pairs), [{n: scores[n]} if n in scores else {} for scores, n in own])
    offered = np.arange(PRODUCTS) != 2
    without = stored_scores(active, ContactTable.of(contacts), NOW_MS, offered=offered)
    np.testing.assert_equal(rows(without), [expected(one, ages, offered) for one in contacts])


def test_only_a_single_contact_gets_notes(runtime: Runtime, loaded: Store) -> None:
    active = runtime.shared(Snapshots).current(loaded).policy("recommended")
    nobody = ContactState.unknown(b"0" * 16)

    found = stored_scores(active, ContactTable.of([nobody]), NOW_MS, offered=EVERY)
    assert len(found.notes) == len(active.policy.primary_models)
    assert stored_scores(active, ContactTable.of([nobody] * 2), NOW_MS, offered=EVERY).notes == ()
