"""The desk's figures are read once, kept for ten minutes, and read again for a new version."""

from dog.services.desk.desk_reader import FRESH_MS, DeskReader, read_desk_figures
from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from dog.storage.store import Store
from tests.conftest import Api, Clock, event
from tests.servers import wait_until


def test_an_empty_tenant_has_figures_of_nothing(store: Store, runtime: Runtime) -> None:
    found = read_desk_figures(runtime, store.tenant.name)

    assert (found.version, found.pitches.days, found.funnel.lists, found.moves) == (None, {}, 0, [])


def test_progress_goes_from_none_to_all(loaded: Store, runtime: Runtime) -> None:
    shares: list[float] = []
    read_desk_figures(runtime, loaded.tenant.name, lambda start, length, share: shares.append(start + length * share))

    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_figures_are_kept_until_they_are_old_or_of_another_version(
    api: Api, loaded: Store, runtime: Runtime, clock: Clock
) -> None:
    del loaded
    sent = [event("e1", "pitch"), event("e2", "win")]
    api.post("/v1/feedback", {"events": sent})
    reader = DeskReader()

    def as_of_ms() -> int:
        wait_until(lambda: reader.read(runtime, "default").progress is None, 60)
        found = reader.read(runtime, "default").figures
        return found.pitches.as_of_ms if found else 0

    first = as_of_ms()
    clock.now_ms += FRESH_MS - 10
    assert as_of_ms() == first
    clock.now_ms += 20
    second = as_of_ms()
    assert second > first
    clock.set("2026-11-24T00:00:00")
    as_of_ms()
    clock.now_ms += 1
    run_recompute(runtime, "default")
    assert as_of_ms() == clock.now_ms + 1
