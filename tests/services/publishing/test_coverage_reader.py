"""Coverage is measured once for a version, and again when the tenant has changed or it is old."""

from dog.services.publishing.coverage_reader import FRESH_MS, CoverageReader
from dog.services.runtime import Runtime
from dog.storage.store import Store
from tests.conftest import Api, Clock
from tests.servers import wait_until


def test_coverage_is_kept_until_it_is_old_or_the_tenant_changes(
    api: Api, runtime: Runtime, loaded: Store, clock: Clock
) -> None:
    reader = CoverageReader()

    def as_of_ms() -> int:
        wait_until(lambda: reader.read(runtime, "default", "recommended", "").progress is None, 60)
        found = reader.read(runtime, "default", "recommended", "").figures
        return found.as_of_ms if found else 0

    first = as_of_ms()
    clock.now_ms += FRESH_MS - 10
    assert as_of_ms() == first
    api.post("/v1/products", [{"product_id": "p9"}])
    second = as_of_ms()
    assert second > first
    clock.now_ms += FRESH_MS + 10
    assert as_of_ms() > second


def test_a_version_that_is_not_kept_is_an_error_and_no_endless_progress(runtime: Runtime, loaded: Store) -> None:
    reader = CoverageReader()
    wait_until(lambda: bool(reader.read(runtime, "default", "recommended", "f" * 16).error), 60)
