"""A memory survives its file, and knows the categories that it remembers."""

from typing import Any

import numpy as np
import pytest

from dog.models.start.fit_start import fit_start
from dog.models.start.learned_memory import LearnedMemory, keys_of, number_categories, read_memory, write_memory
from dog.models.start.memory import CaseKeys, CaseMemory
from tests.models.start.worlds import factorise, simulate


def some_memory() -> LearnedMemory:
    chance = np.random.default_rng(0)
    cases = CaseMemory.empty(slots=16, dimension=5, categories=3)
    for owner in range(1, 11):
        cases.write(owner, chance.normal(size=5), chance.random((3, 3)))
    cases.mark(cases.attention(chance.normal(size=(1, 5))))
    return LearnedMemory(
        cases=cases,
        keys=CaseKeys(centre=np.array([0.5, -0.25]), attribute_length=1.5, taste_length=0.1),
        categories=("wine", "bread"),
        trust=0.4,
        on=True,
    )


def test_a_memory_survives_its_file() -> None:
    memory = some_memory()
    found, asked = read_memory(write_memory(memory)), np.random.default_rng(1).normal(size=(4, 5))

    assert (found.categories, found.trust, found.on) == (memory.categories, memory.trust, memory.on)
    assert len(found.cases) == len(memory.cases) == len(found.cases.keys)  # slots without a case are left out
    assert found.cases.read(asked).ratios == pytest.approx(memory.cases.read(asked).ratios, rel=1e-4)
    assert found.keys.of(np.ones((1, 3)), np.ones((1, 2))) == pytest.approx(
        memory.keys.of(np.ones((1, 3)), np.ones((1, 2)))
    )


def test_the_same_memory_is_the_same_bytes() -> None:
    assert write_memory(some_memory()) == write_memory(some_memory())


def test_an_empty_memory_can_be_read() -> None:
    memory = some_memory()
    empty = LearnedMemory(
        cases=CaseMemory.empty(slots=4, dimension=5, categories=3),
        keys=memory.keys,
        categories=memory.categories,
        trust=0.0,
        on=False,
    )

    assert read_memory(write_memory(empty)).cases.read(np.ones((2, 5))).ratios.tolist() == [[1, 1, 1]] * 2


def test_a_category_that_is_not_remembered_is_one_past_the_last() -> None:
    products: list[dict[str, Any]] = [{"category": "bread"}, {"category": "tools"}, {}, {"category": None}]

    assert number_categories(("wine", "bread"), products).tolist() == [1, 2, 2, 2]
    assert some_memory().number(products).tolist() == [1, 2, 2, 2]


def test_contacts_of_one_taste_have_keys_alike() -> None:
    world = simulate(120, 30, strength=4.0)
    model, _ = fit_start(world.data, world.encoders, factorise)
    events = [world.data.histories.products[world.data.histories.starts[n] :][:4] for n in range(120)]
    tastes = model.tastes(world.data.encoded, events)
    keys = CaseKeys.fit(world.data.encoded, tastes)
    found = keys_of(model, keys, world.contact_records, events)
    segments = np.array([record["segment"] for record in world.contact_records])
    same = segments[:, None] == segments
    cosine = found @ found.T

    assert cosine[same].mean() > cosine[~same].mean() + 0.5
