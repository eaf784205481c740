"""Build the memory of past cases from settled pitches, and prove it: the earlier half writes, the later half judges."""

import numpy as np

from dog.core.iso_weeks import DAY_MS
from dog.core.learning.expected_wins import expected_wins, tenant_ratio
from dog.core.learning.priors import read_priors
from dog.core.learning.reinforcement import trust_of
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.learning.trust import PRIOR_TRUST
from dog.core.log_odds import clipped_log_odds
from dog.models.start.learned_memory import LearnedMemory, number_categories
from dog.models.start.memory import CaseKeys, CaseMemory, owner_of
from dog.models.start.memory_gate import JudgedPitches, MemoryVerdict, judge_memory
from dog.models.start.start_model import StartModel
from dog.models.start.taste import Floats
from dog.offline.history.read_cases import CasePitches, Cases, read_cases
from dog.services.policies.policy_store import read_active_policies
from dog.storage.catalogue import Catalogue
from dog.storage.multiplier_versions import read_version
from dog.storage.policy_versions import read_default_policy
from dog.storage.store import Store

MOST_CATEGORIES = 128
LEAST_PITCHES = 300
"""Settled pitches with a score below which nothing is remembered."""
ALWAYS_MS = float("inf")


def train_memory(
    store: Store, model: StartModel, catalogue: Catalogue, now_ms: int
) -> tuple[LearnedMemory, MemoryVerdict] | None:
    """Return the memory of a tenant's settled pitches, and what was proved of it; None where there are too few.

    The proof: the pitches settled by the middle of the history are written, those made since then are judged, each
    contact by the other contacts' slots and with the taste that it had at the middle.
    """
    active = read_active_policies(store).get(read_default_policy(store))
    settings = active[1].reinforcement if active else Reinforcement()
    cases = read_cases(store, now_ms, round(settings.maturation_days * DAY_MS))
    if len(cases.pitches.won) < LEAST_PITCHES:
        return None
    categories = _categories(cases.pitches, catalogue)
    category = number_categories(categories, catalogue.records)
    early = cases.pitches.take(cases.pitches.early)
    later = cases.pitches.take(cases.pitches.at_ms >= cases.middle_ms)
    _, every_key = _keys(model, cases, cases.middle_ms)
    memory = _remember(cases, early, every_key, category, len(categories))
    verdict = judge_memory(_judged(cases, later, memory, every_key, category, _trust(store, settings)))
    keys, every_key = _keys(model, cases, ALWAYS_MS)
    whole = _remember(cases, cases.pitches, every_key, category, len(categories))
    learned = LearnedMemory(cases=whole, keys=keys, categories=categories, trust=verdict.trust, on=verdict.on)
    return learned, verdict


def _categories(pitches: CasePitches, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the categories that were pitched most."""
    names, numbers = np.unique([str(record.get("category") or "") for record in catalogue.records], return_inverse=True)
    counts = np.bincount(numbers[pitches.product], minlength=len(names))
    most = [place for place in np.argsort(-counts, kind="stable").tolist() if counts[place] and names[place]]
    return tuple(str(names[place]) for place in most[:MOST_CATEGORIES])


def _keys(model: StartModel, cases: Cases, before_ms: float) -> tuple[CaseKeys, Floats]:
    """Return how keys are made, and the key of each contact by what it had bought before an instant."""
    records = [contact.record for contact in cases.contacts]
    events = [contact.bought_before(before_ms) for contact in cases.contacts]
    encoded = model.contact_encoder.encode_all(records)
    tastes = model.tastes(encoded, events)
    keys = CaseKeys.fit(encoded, tastes)
    return keys, keys.of(encoded, tastes)


def _remember(cases: Cases, pitches: CasePitches, keys: Floats, category: np.ndarray, count: int) -> CaseMemory:
    """Write the contacts of some pitches, in the order of their last one; each is read first, as in requests."""
    records = _records(len(cases.contacts), pitches, category, count)
    memory = CaseMemory.empty(dimension=keys.shape[1], categories=count + 1)
    for place in cases.in_order(pitches):
        memory.mark(memory.attention(keys[place : place + 1]))
        memory.write(owner_of(cases.contacts[place].digest), keys[place], records[:, place])
    return memory


def _records(contacts: int, pitches: CasePitches, category: np.ndarray, count: int) -> Floats:
    """Return wins, pitches and expected wins by contact and category, shape (3, contacts, categories + 1).

    The last column stands for the products of other categories, of which nothing is remembered.
    """
    of_product = np.exp(pitches.product_log_ratio)
    level = tenant_ratio(float(pitches.won.sum()), float(pitches.score.sum()))
    ones = np.ones(len(pitches.won))
    expected = expected_wins(ones, pitches.score, level * of_product)
    cells = pitches.contact * (count + 1) + category[pitches.product]
    columns = [np.bincount(cells, column, contacts * (count + 1)) for column in (pitches.won, ones, expected)]
    records = np.stack(columns).reshape(3, contacts, count + 1).astype(np.float64)
    records[:, :, -1] = 0.0
    return records


def _judged(
    cases: Cases,
    pitches: CasePitches,
    memory: CaseMemory,
    keys: Floats,
    category: np.ndarray,
    trust: tuple[float, float],
) -> JudgedPitches:
    owners = np.array([owner_of(contact.digest) for contact in cases.contacts], np.uint64)
    ratios = np.log(memory.read(keys, owners).ratios)
    return JudgedPitches(
        contact=pitches.contact,
        offset=clipped_log_odds(pitches.score)
        + trust[0] * pitches.product_log_ratio
        + trust[1] * pitches.pair_log_ratio,
        log_ratio=ratios[pitches.contact, category[pitches.product]],
        won=pitches.won,
    )


def _trust(store: Store, settings: Reinforcement) -> tuple[float, float]:
    """Return the trust in products and pairs of the active version; what is assumed before any."""
    name = store.execute("HGET", store.keys.of("head"), "multipliers")
    version = read_version(store, name.decode()) if name else None
    described = version.policies.get(read_default_policy(store)) if version else None
    if described is None:
        return settings.fixed_trust or (PRIOR_TRUST, PRIOR_TRUST)
    return trust_of(read_priors(described, len(described["product_rates"])), settings)
