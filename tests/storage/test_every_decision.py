"""All decisions of a tenant, archived or not, each once; and a sample of them."""

from pathlib import Path

from dog.services.runtime import Runtime
from dog.services.weekly.archive_weeks import archive
from dog.storage.every_decision import every_decision, sample_contents
from dog.storage.store import Store
from tests.cold_data import age_decisions, decide, use_archive


def test_every_decision_is_read_once_and_a_sample_is_the_same_for_a_seed(
    runtime: Runtime,
    store: Store,  # the tenant has to be there
    tmp_path: Path,
) -> None:
    (tmp_path / "cold").mkdir()
    cold = use_archive(runtime, str(tmp_path / "cold"))
    old = decide(cold, 300)
    age_decisions(cold)
    archive(runtime, "default")
    new = decide(cold, 20, start=300)

    found = [content["decision_id"] for _, content in every_decision(cold)]
    one, again, other = (
        [content["decision_id"] for content in sample_contents(cold, lambda _: True, 50, seed)] for seed in (1, 1, 2)
    )

    assert sorted(found) == sorted(old + new)
    assert len(set(one)) == 50
    assert one == again != other
    assert set(one) & set(new)
    assert set(one) & set(old)
    assert [share for share, _ in every_decision(cold)][-1] == 1.0
