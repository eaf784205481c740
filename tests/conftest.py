"""What all tests share: a real server of their own, and no way out to the network."""

import gc
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser

from dog.api.app import create_app
from dog.bootstrap import create_runtime
from dog.config import is_loopback, read_settings
from dog.services.data.import_rows import import_rows
from dog.services.pool_runner import PoolRunner
from dog.services.runner_tasks import WorkerSetup
from dog.services.runtime import Runtime
from dog.storage.api_keys import SCOPES, create_key
from dog.storage.connection import Redis, connect
from dog.storage.embedded import EmbeddedServer
from dog.storage.store import PARTITIONS, Store, Tenant, put_tenant
from tests.browsers import running_browser
from tests.servers import cluster_url, running_cluster, running_s3

# machines are shared; how long is for benchmarks
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")
gc.disable()  # until all tests are collected

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
"""A Friday, in 2026-W47."""
SECRET = bytes(range(32))
PRODUCTS = [
    {"product_id": "p1", "name": "Fax", "category": "office", "value": 10.0},
    {"product_id": "p2", "name": "Phone", "category": "office", "value": 20.0},
    {"product_id": "p3", "name": "Desk", "category": "furniture", "value": 30.0},
    {"product_id": "p4", "name": "Chair", "category": "furniture", "value": 40.0},
]
CONTACTS = [
    {"contact_id": "c1", "account_id": "a1", "name": "Ann", "segment": "gold", "channels": "call;email"},
    {"contact_id": "c2", "account_id": "a1", "name": "Bob", "segment": "gold", "channels": "email"},
    {"contact_id": "c3", "account_id": "a2", "name": "Cid", "segment": "iron"},
]
"""A small tenant whose right answers are known: three contacts, four products, two models."""


def pytest_collection_finish() -> None:
    """Leave what was collected out of garbage collection: modules and tests stay until the end."""
    gc.freeze()
    gc.enable()


@dataclass
class Clock:
    """The time of a test, moved by the test alone."""

    now_ms: int = round(NOW.timestamp() * 1000)

    def __call__(self) -> int:
        return self.now_ms

    def set(self, moment: str) -> None:
        """Go to an ISO instant (UTC)."""
        self.now_ms = round(datetime.fromisoformat(moment).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(scope="session", autouse=True)
def _stay_on_this_machine() -> Iterator[None]:
    """Refuse connections to other machines: a test that needs one would fail on somebody's laptop."""
    open_connection = socket.socket.connect

    def connect_nearby(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
            raise RuntimeError(f"a test tried to reach {address[0]}")
        open_connection(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_nearby)
        yield


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """Run a real server in a fresh folder, one for each test process."""
    server = EmbeddedServer(tmp_path_factory.mktemp("server"), "everysec")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a cluster of three primaries, one for each test process; its URL."""
    with running_cluster(tmp_path_factory.mktemp("cluster")) as servers:
        yield cluster_url(servers)


@pytest.fixture(scope="module")
def dask_cluster() -> Iterator[Any]:
    """Run a Dask cluster of two workers with nannies, which replace killed ones; idle ones take processor time, too."""
    from distributed import LocalCluster  # noqa: PLC0415  # few tests need it

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address="127.0.0.1:0") as found:  # type: ignore[no-untyped-call]
        yield found


@pytest.fixture
def dask_address(dask_cluster: Any) -> str:
    """Wait for both workers: another test may have killed one; the address of their scheduler."""
    dask_cluster.wait_for_workers(2)
    return str(dask_cluster.scheduler_address)


@pytest.fixture(scope="session")
def s3_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run an S3 server, one for each test process that asks for it; its port."""
    with running_s3(tmp_path_factory.mktemp("s3")) as port:
        yield port


@pytest.fixture
def bucket(s3_port: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give the URL of a new bucket, which the environment says how to reach."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{s3_port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    name = f"dog-{uuid4().hex[:12]}"
    urlopen(Request(f"http://127.0.0.1:{s3_port}/{name}", method="PUT")).close()
    return f"s3://{name}/archive"


@pytest.fixture(params=["folder", "s3"])
def archive_root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give an empty archive: a folder, and a bucket of an S3 server."""
    if request.param == "s3":
        return str(request.getfixturevalue("bucket"))
    (tmp_path / "cold").mkdir()
    return str(tmp_path / "cold")


@pytest.fixture
def redis_url(redis_server: EmbeddedServer) -> str:
    """Give the URL of the server."""
    return redis_server.url


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    """Connect to the server, emptied."""
    with connect(redis_url, timeout_seconds=5) as client:
        client.flushall()
        yield client


@pytest.fixture
def clock() -> Clock:
    """Stand at Friday 2026-11-20, noon UTC."""
    return Clock()


@pytest.fixture
def policy_dir() -> Path:
    """Use the shipped policies; a test may override this with a folder of its own."""
    return Path(__file__).parent.parent / "rules"


@pytest.fixture
def runtime(redis: Redis, clock: Clock, policy_dir: Path, tmp_path: Path) -> Iterator[Runtime]:
    """Build a house around the emptied server."""
    settings = read_settings({"DOG_POLICY_DIR": str(policy_dir), "DOG_DATA_DIR": str(tmp_path)})
    runtime = create_runtime(settings, redis, clock)
    yield runtime
    runtime.close()


@pytest.fixture
def pool(runtime: Runtime, redis_url: str) -> Iterator[PoolRunner]:
    """Run tasks in two processes, on the same Redis as the runtime."""
    setup = WorkerSetup(redis_url=redis_url, settings=runtime.settings, durability=runtime.durability)
    with PoolRunner(setup, 2) as runner:
        yield runner


@pytest.fixture
def store(runtime: Runtime) -> Store:
    """Open the tenant `default`, whose secret is the same in each run: contacts keep their partitions and variants."""
    put_tenant(runtime.redis, Tenant("default", SECRET, PARTITIONS))
    return runtime.store("default")


@dataclass
class Api:
    """The API as a client with a key sees it."""

    client: FlaskClient
    key: str

    def get(self, path: str, **options: Any) -> Any:
        """GET, with the key."""
        return self.client.get(path, headers={"Authorization": f"Bearer {self.key}"}, **options)

    def put(self, path: str, body: Any) -> Any:
        """PUT JSON, with the key."""
        return self.client.put(path, headers={"Authorization": f"Bearer {self.key}"}, json=body)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """POST JSON, with the key."""
        headers = {"Authorization": f"Bearer {self.key}", **options.pop("headers", {})}
        given = {} if body is None else {"json": body}
        return self.client.post(path, headers=headers, **given, **options)

    def ended(self, started: Any) -> Any:
        """Wait until a started job has ended; return its record."""
        for _ in range(1000):
            job = self.get(f"/v1/jobs/{started.json['job_id']}").json
            if job["state"] in ("done", "failed"):
                return job
            time.sleep(0.02)
        raise TimeoutError(job)


@pytest.fixture(scope="session")
def built_apps() -> list[Flask]:
    """Hold the application of the first test that asks for one: building it takes longer than most tests."""
    return []


@pytest.fixture
def make_api(runtime: Runtime, store: Store, built_apps: list[Flask]) -> Callable[..., Api]:
    """Make clients with keys of chosen scopes."""
    if not built_apps:
        built_apps.append(create_app(runtime))
    app = built_apps[0]
    app.extensions["dog"], runtime.serves = runtime, True

    def make(*scopes: str) -> Api:
        key = create_key(runtime.redis, store.tenant.name, "test", scopes or SCOPES, None, NOW)
        return Api(app.test_client(), key)

    return make


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    """Give a client whose key may do everything."""
    return make_api()


@pytest.fixture
def loaded(runtime: Runtime, store: Store) -> Store:
    """Load products, contacts and scores; for every contact p1 scores best, p4 worst."""
    zone = runtime.settings.zone
    import_rows(store, "products", PRODUCTS, zone)
    import_rows(store, "contacts", CONTACTS, zone)
    scores = [
        {
            "contact_id": f"c{c}",
            "product_id": f"p{p}",
            "model": model,
            "score": 0.5 - p / 10,
            "as_of": "2026-11-01",
        }
        for c in (1, 2, 3)
        for p in (1, 2, 3, 4)
        for model in ("frequency", "cf")
    ]
    import_rows(store, "scores", scores, zone)
    return store


@pytest.fixture
def recommend(api: Api, loaded: Store) -> Any:
    """Ask for a list and return its JSON."""
    del loaded

    def ask(contact_id: str = "c1", **more: Any) -> dict[str, Any]:
        answer = api.post("/v1/recommendations", {"contact_id": contact_id, **more})
        assert answer.status_code == 200, answer.json
        body: dict[str, Any] = answer.json
        return body

    return ask


def event(event_id: str, kind: str, product_id: str = "p1", contact_id: str = "c1", **more: Any) -> dict[str, Any]:
    """Write one event, an hour before the tests' now."""
    return {
        "event_id": event_id,
        "type": kind,
        "contact_id": contact_id,
        "product_id": product_id,
        "occurred_at": "2026-11-20T11:00:00Z",
        **more,
    }


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Run one browser for all tests of a process."""
    with running_browser() as running:
        yield running
