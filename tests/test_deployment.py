"""The files to deploy by agree with the service and with each other: ports, probes, settings, users."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import dog
from dog.config import READERS, read_settings
from dog.storage.connection import connect
from dog.storage.durability import check_durability
from dog.storage.server_binary import find_binary
from tests.image.dockerfile import read_dockerfile
from tests.servers import Server, wait_until

ROOT = Path(__file__).parent.parent
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
IMAGE = read_dockerfile(ROOT / "Dockerfile")[-1]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
MANIFESTS = list(yaml.safe_load_all((ROOT / "deploy/kubernetes/dog.yaml").read_text("utf-8")))
PODS = {each["metadata"]["name"]: each["spec"]["template"] for each in MANIFESTS if each["kind"] == "Deployment"}
NETWORK = {each["metadata"]["name"]: each["spec"] for each in MANIFESTS if each["kind"] == "NetworkPolicy"}
DASK = list(yaml.safe_load_all((ROOT / "deploy/dask-kubernetes.yaml").read_text("utf-8")))
DASK_PODS = {role: DASK[0]["spec"][role]["spec"] for role in ("worker", "scheduler")}
STOP_SECONDS = 28
PINNED = r"[\w./]+:[\w.-]+@sha256:[0-9a-f]{64}"
"""A tag, for people, and the digest that decides."""


def of_kind(kind: str) -> list[Any]:
    return [each for each in MANIFESTS if each["kind"] == kind]


def settings_named_in(path: Path) -> set[str]:
    return {name.lower() for name in re.findall(r"\bDOG_([A-Z_]+)", path.read_text("utf-8"))}


@pytest.mark.parametrize(
    "name",
    ["Dockerfile", "compose.yaml", "deploy/kubernetes/dog.yaml", "deploy/dask-kubernetes.yaml", "deploy/env.example"],
)
def test_every_setting_that_is_named_exists(name: str) -> None:
    named = settings_named_in(ROOT / name)

    assert named
    assert named <= set(READERS)


def test_every_image_is_pinned() -> None:
    bases = {stage.base for stage in read_dockerfile(ROOT / "Dockerfile")}
    own = {template["spec"]["containers"][0]["image"] for template in PODS.values()}

    assert len(bases) == 1
    assert all(re.fullmatch(PINNED, image) for image in [*bases, COMPOSE["services"]["valkey"]["image"]])
    assert own == {f"dog:{dog.__version__}"}


def test_every_container_of_compose_is_unprivileged() -> None:
    users = [IMAGE.all("USER")[0], COMPOSE["services"]["valkey"]["user"]]

    assert not any(user.startswith(("0", "root")) for user in users)
    for service in COMPOSE["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert "cap_add" not in service
        assert service["read_only"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_image_listens_where_it_says() -> None:
    settings = read_settings({name: value for name, value in IMAGE.environ({}).items() if name.startswith("DOG_")})

    assert IMAGE.all("EXPOSE") == [str(settings.port)]
    assert str(settings.port) in IMAGE.health_check()[-1]
    assert [str(settings.data_dir)] == IMAGE.all("VOLUME")


def test_every_pod_may_do_nothing_but_its_work() -> None:
    for pod in [*(template["spec"] for template in PODS.values()), *DASK_PODS.values()]:
        [container] = pod["containers"]
        own = container["securityContext"]

        assert pod["securityContext"]["runAsNonRoot"]
        assert [str(pod["securityContext"]["runAsUser"])] == IMAGE.all("USER")
        assert own["readOnlyRootFilesystem"]
        assert not own["allowPrivilegeEscalation"]
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert not pod["automountServiceAccountToken"]
        assert not pod["enableServiceLinks"]  # they would be DOG_* variables that are not settings


def test_every_pod_can_write_where_the_service_writes() -> None:
    for pod in [*(template["spec"] for template in PODS.values()), *DASK_PODS.values()]:
        [container] = pod["containers"]
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}

        assert set(mounts) == {"/tmp", *IMAGE.all("VOLUME")}
        assert set(mounts.values()) == {volume["name"] for volume in pod["volumes"]}


def test_the_probes_ask_routes_that_are_open_to_everybody(make_api: Any) -> None:
    client = make_api().client
    [container] = PODS["dog"]["spec"]["containers"]
    probes = [container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")]

    assert {probe["path"] for probe in probes} == {"/health/live", "/health/ready"}
    assert all(client.get(probe["path"]).status_code == 200 for probe in probes)
    assert {probe["port"] for probe in probes} == {port["name"] for port in container["ports"]}


def test_a_redis_that_is_away_restarts_no_container() -> None:
    [container] = PODS["dog"]["spec"]["containers"]

    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"
    assert "/health/live" in IMAGE.health_check()[-1]


def test_everything_gives_requests_in_flight_their_time_to_finish() -> None:
    graces = [template["spec"]["terminationGracePeriodSeconds"] for template in PODS.values()]
    graces += [int(COMPOSE["services"][name]["stop_grace_period"].rstrip("s")) for name in ("dog", "scheduler")]
    graces += [
        int(match) for unit in UNITS for match in re.findall(r"^TimeoutStopSec=(\d+)$", unit.read_text(), re.MULTILINE)
    ]

    assert len(graces) == 6
    assert min(graces) > STOP_SECONDS


def test_every_selector_of_the_cluster_finds_its_pods() -> None:
    labels = {name: template["metadata"]["labels"] for name, template in PODS.items()}
    [service], [budget] = of_kind("Service"), of_kind("PodDisruptionBudget")

    def found(selector: dict[str, str]) -> list[str]:
        return [name for name, own in labels.items() if selector.items() <= own.items()]

    assert found(service["spec"]["selector"]) == ["dog"]
    assert found(budget["spec"]["selector"]["matchLabels"]) == ["dog"]
    assert {name: found(each["podSelector"]["matchLabels"]) for name, each in NETWORK.items()} == {
        "dog": ["dog"],
        "dog-scheduler": ["dog-scheduler"],
        "dog-redis": ["dog", "dog-scheduler"],
    }


def test_the_network_lets_in_and_out_only_what_is_named() -> None:
    [coming] = NETWORK["dog"]["ingress"]
    names, redis = NETWORK["dog-redis"]["egress"]

    assert [list(source) for source in coming["from"]] == [["namespaceSelector"], ["podSelector"]]
    assert all(selector["matchLabels"] for source in coming["from"] for selector in source.values())
    assert [port["port"] for port in coming["ports"]] == [int(port) for port in IMAGE.all("EXPOSE")]
    assert NETWORK["dog-scheduler"]["ingress"] == []
    assert all(target["podSelector"]["matchLabels"] for rule in (names, redis) for target in rule["to"])
    assert {port["port"] for port in names["ports"]} == {53}
    assert {port["port"] for port in redis["ports"]} == {6379, 6380, 26379}


def test_the_dask_cluster_runs_the_service_with_one_thread_a_process() -> None:
    [worker], [scheduler] = (pod["containers"] for pod in DASK_PODS.values())

    assert worker["image"] == scheduler["image"] == f"dog-dask:{dog.__version__}"
    assert worker["args"][:3] == ["python", "-m", "distributed.cli.dask_worker"]
    assert worker["args"][worker["args"].index("--nthreads") + 1] == "1"
    for args in (worker["args"], scheduler["args"]):
        options = {name for name in args if name.startswith("--")}
        told = subprocess.run([sys.executable, *args[1:3], "--help"], capture_output=True, text=True, check=True).stdout
        assert all(name in told for name in options)


def test_the_jobs_alone_reach_the_dask_cluster_under_the_name_of_its_service() -> None:
    cluster, coming, going = DASK
    service, name = cluster["spec"]["scheduler"]["service"], cluster["metadata"]["name"]
    own = {"dask.org/cluster-name": name}
    [source] = coming["spec"]["ingress"]
    [target] = going["spec"]["egress"]
    pods = [each["podSelector"]["matchLabels"] for each in source["from"] if "podSelector" in each]

    assert service["selector"] == {**own, "dask.org/component": "scheduler"}
    assert coming["spec"]["podSelector"]["matchLabels"] == own
    assert pods == [own, {"app": "dog-scheduler"}]
    assert target["to"] == [{"podSelector": {"matchLabels": own}}]
    assert {port["port"] for port in target["ports"]} == {8786}
    text = (ROOT / "deploy/dask-kubernetes.yaml").read_text("utf-8")
    assert read_settings({"DOG_DASK": re.findall(r"tcp://[^\"]+", text)[0]}).dask == f"tcp://{name}-scheduler:8786"


def test_the_configuration_of_the_cluster_is_taken() -> None:
    [config] = of_kind("ConfigMap")

    assert read_settings(config["data"]).workers == 2


def test_the_commands_of_all_deployments_are_the_two_processes() -> None:
    service, scheduler = ["python", "-m", "dog", "serve"], ["python", "-m", "jobs", "scheduler"]
    starts = [re.findall(r"^ExecStart=\S*/(python .*)$", unit.read_text(), re.MULTILINE)[0].split() for unit in UNITS]

    assert IMAGE.command() == service
    assert COMPOSE["services"]["scheduler"]["command"] == scheduler
    assert PODS["dog-scheduler"]["spec"]["containers"][0]["command"] == scheduler
    assert starts == [scheduler, service]


def test_no_secret_stands_in_the_files() -> None:
    example = (ROOT / "deploy/env.example").read_text("utf-8")

    assert re.search(r"^VALKEY_PASSWORD=$", example, re.MULTILINE)
    assert COMPOSE["services"]["dog"]["environment"]["DOG_REDIS_URL"].startswith("redis://:${VALKEY_PASSWORD:?")
    assert not of_kind("Secret")


def test_the_server_of_compose_asks_for_its_password_and_is_strict(tmp_path: Path) -> None:
    entry = COMPOSE["services"]["valkey"]["command"]
    (tmp_path / "valkey-server").symlink_to(find_binary())
    server = Server(tmp_path, ())
    line = entry[-1].replace("$$", "$").replace("--dir /data", f"--dir {tmp_path} --port {server.port} --save ''")
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "VALKEY_PASSWORD": "abc123"}
    url = server.url.replace("redis://", "redis://:abc123@")

    with subprocess.Popen([*entry[:-1], line], env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            wait_until(server.answers)
            with connect(url, timeout_seconds=5) as client:
                durability = check_durability(client, "strict")
            shown = Path(f"/proc/{process.pid}/cmdline").read_bytes()
        finally:
            process.terminate()

    assert durability.profile == "strict"
    assert durability.shortfall is None
    assert b"abc123" not in shown


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_the_unit_is_sound_and_shut_off(unit: Path, tmp_path: Path) -> None:
    program = tmp_path / "python"
    program.symlink_to("/bin/true")
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"^ExecStart=\S+", f"ExecStart={program}", unit.read_text(), flags=re.MULTILINE))
    verified = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(copy)]
    exposure = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (verified.returncode, verified.stderr) == (0, "")
    assert exposure.returncode == 0, exposure.stdout
