"""What contacts like those of a request did: a third ratio beside those of product and pair.

A version holds the odds factor m of each pair, made of the ratios of product and pair and limited in its weekly step.
The memory multiplies m when a list is made, since it depends on what the contact is and has just bought:
m' = clip(m r_mem^t3, d_min, a_max). Where m itself lies outside these bounds, as the recursion `literal` allows, it is
not moved back. The weekly step does not limit r_mem^t3.
"""

from dataclasses import dataclass

import numpy as np

from dog.models.start.learned_memory import LearnedMemory, keys_of
from dog.models.start.memory import Recollection, owner_of
from dog.services.lists.active_policy import PolicyMultipliers
from dog.services.lists.contact_table import ContactTable
from dog.services.lists.snapshot import Snapshot
from dog.services.lists.start_contacts import events_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """What the memory says of the options of a request.

    Parameters
    ----------
    memory
        It was read.
    found
        Of each contact.
    category
        Number of each option's category, `len(memory.categories)` where it is none of them, shape (options,).
    published
        Odds factor of each option as the version holds it, shape (options,).
    factor
        By which the memory multiplied it, shape (options,).

    """

    memory: LearnedMemory
    found: Recollection
    category: np.ndarray
    published: np.ndarray
    factor: np.ndarray


def recall(
    snapshot: Snapshot,
    memory: LearnedMemory,
    multipliers: PolicyMultipliers,
    contacts: ContactTable,
    starts: np.ndarray,
    products: np.ndarray,
    performance: np.ndarray,
) -> Recalled:
    """Return what contacts like those of a request did with offers of each option's category.

    `starts` is where each contact's options begin, `products` and `performance` are the product and the odds factor of
    each option.
    """
    records = [record or {} for record in contacts.records]
    events = [events_of(contacts, place) for place in range(len(contacts))]
    owners = np.array([owner_of(digest) for digest in contacts.digests], np.uint64)
    found = memory.cases.read(keys_of(snapshot.start, memory.keys, records, events), owners)
    powers = found.ratios**memory.trust
    category = snapshot.memory_categories[products]
    contact = np.repeat(np.arange(len(contacts)), np.diff(starts))
    settings = multipliers.settings
    lowest, highest = np.minimum(performance, settings.d_min), np.maximum(performance, settings.a_max)
    factor = np.clip(performance * powers[contact, category], lowest, highest) / performance
    return Recalled(memory=memory, found=found, category=category, published=performance, factor=factor)
