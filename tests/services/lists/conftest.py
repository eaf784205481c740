"""A tenant with tastes, for the lists of contacts that no model has scored."""

import pytest

from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.start_world import load_tastes


@pytest.fixture
def tastes(runtime: Runtime, store: Store) -> Store:
    load_tastes(runtime, store)
    return store
