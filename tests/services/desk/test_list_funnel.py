"""The funnel counts pairs that were listed, and what became of them afterwards."""

from dog.services.desk.desk_reader import outlook_of
from dog.services.desk.list_funnel import ListedPair, ListFunnel, Stages, add_list, count_stages, read_list_funnel
from dog.services.lists.decision_writer import DecisionWriter
from dog.services.lists.snapshot import Snapshots
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, event


def read(runtime: Runtime, store: Store, most_lists: int = 1000) -> ListFunnel:
    runtime.shared(DecisionWriter).flush()
    snapshot = runtime.shared(Snapshots).current(store)
    outlook = outlook_of(snapshot, runtime.clock() + 1)
    return read_list_funnel(store, snapshot.catalogue, outlook, most_lists=most_lists)


def test_listed_pairs_are_followed_to_their_win(api: Api, loaded: Store, runtime: Runtime) -> None:
    listed = [
        item["product_id"]
        for _ in range(2)
        for item in api.post("/v1/recommendations", {"contact_id": "c1"}).get_json()["items"]
    ]
    first, second = listed[0], listed[1]
    sent = [
        event("e1", "accept", first, occurred_at="2026-11-20T12:00:00Z"),
        event("e2", "pitch", first, occurred_at="2026-11-20T12:00:00Z"),
        event("e3", "win", first, occurred_at="2026-11-20T12:00:00Z"),
        event("e4", "accept", second, occurred_at="2026-11-19T12:00:00Z"),  # before it was listed
        event("e5", "pitch", first, "c2", occurred_at="2026-11-20T12:00:00Z"),  # never listed
    ]
    api.post("/v1/feedback", {"events": sent})
    found = read(runtime, loaded)

    assert found.lists == 2
    assert not found.is_sample
    assert found.total == Stages(listed=len(set(listed)), accepted=1, pitched=1, won=1)
    assert found.by["product"][first] == Stages(listed=1, accepted=1, pitched=1, won=1)
    assert sum(stages.listed for stages in found.by["model"].values()) == found.total.listed
    assert "" not in found.by["model"]


def test_of_many_lists_a_sample_is_read(api: Api, loaded: Store, runtime: Runtime) -> None:
    for contact in ("c1", "c2", "c3"):
        api.post("/v1/recommendations", {"contact_id": contact})
    found = read(runtime, loaded, most_lists=2)

    assert (found.lists, found.is_sample) == (2, True)


def test_the_last_list_of_a_pair_counts_for_model_and_channel_the_first_for_the_time() -> None:
    own: dict[str, ListedPair] = {}
    models = {"cf": {"share": 0.2}, "seq": {"share": 0.4}}
    add_list(own, [{"product_id": "p", "factors": {"models": models}, "attributes": {"channel": "mail"}}], 20)
    add_list(own, [{"product_id": "p", "factors": {"models": {}}, "attributes": {}}], 10)

    assert own == {"p": ListedPair(first_ms=10, last_ms=20, model="seq", channel="mail")}
    assert count_stages([("seq", own["p"]), ("seq", own["p"])]) == {"seq": Stages(listed=2)}
