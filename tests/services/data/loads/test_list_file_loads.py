"""Loads are listed with their author and the reason why one cannot be undone."""

from pathlib import Path

from dog.services.data.loads.list_file_loads import list_file_loads
from dog.services.data.loads.undo_load import undo_load
from dog.services.runtime import Runtime
from dog.storage.audit_log import Actor, current_actor
from dog.storage.store import Store
from tests.loads_world import load


def test_a_load_has_its_author_and_is_undone_once(runtime: Runtime, store: Store, tmp_path: Path) -> None:
    token = current_actor.set(Actor("k1", "Ada", "here"))
    first = load(runtime, tmp_path, "products", {"product_id": "p1"})
    current_actor.reset(token)
    load(runtime, tmp_path, "contacts", {"contact_id": "c1"})
    before = list_file_loads(store, 20)
    undo_load(runtime, "default", first.load_id)
    after = list_file_loads(store, 20)

    assert [one.record.kind for one in before] == ["contacts", "products"]
    assert before[0].author.startswith("user ")
    assert (before[1].author, before[1].refusal) == ("Ada", "")
    assert after[1].refusal == f"load {first.load_id} is undone already"
    assert len(list_file_loads(store, 1)) == 1
