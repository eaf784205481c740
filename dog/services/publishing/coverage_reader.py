"""The coverage of tenants by versions of policies, measured in the background and kept for ten minutes."""

from collections.abc import Callable
from functools import partial

from dog.services.background_readings import BackgroundReadings, Reading
from dog.services.child_process import run_in_child_if_large
from dog.services.lists.snapshot import Snapshots, without_votes
from dog.services.publishing.measure_coverage import Coverage, measure_coverage
from dog.services.runtime import Runtime

FRESH_MS, MOST_KEPT = 600_000, 8


class CoverageReader:
    """The coverage of tenants by versions of policies, one measured at a time."""

    def __init__(self) -> None:
        self._readings: BackgroundReadings[Coverage] = BackgroundReadings(most=MOST_KEPT)

    def read(self, runtime: Runtime, tenant: str, policy: str, version: str) -> Reading[Coverage]:
        """Return the coverage by a version of a policy; measure it where it is old or the tenant has changed."""

        def look_up(report: Callable[[float], None]) -> Coverage:
            measure = partial(_measure, tenant=tenant, policy=policy, version=version)
            return run_in_child_if_large(runtime, tenant, measure, report)

        def is_old(last: Coverage) -> bool:
            head = runtime.shared(Snapshots).current(runtime.store(tenant), votes=False).head
            is_changed = without_votes(last.head) != without_votes(head)
            return is_changed or runtime.clock() - last.as_of_ms > FRESH_MS

        return self._readings.read((tenant, f"{policy}@{version}"), look_up, is_old)

    def close(self) -> None:
        """Measure nothing more."""
        self._readings.close()


def _measure(runtime: Runtime, report: Callable[[float], None], *, tenant: str, policy: str, version: str) -> Coverage:
    return measure_coverage(runtime, tenant, policy, version=version, report=report)
