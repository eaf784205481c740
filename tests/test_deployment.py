"""The files to deploy by agree with the service and with each other: ports, probes, settings, users."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

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
MANIFESTS = list(yaml.safe_load_all((ROOT / "deploy/kubernetes.yaml").read_text("utf-8")))
PODS = {each["metadata"]["name"]: each["spec"]["template"] for each in MANIFESTS if each["kind"] == "Deployment"}
STOP_SECONDS = 28


def of_kind(kind: str) -> list[Any]:
    return [each for each in MANIFESTS if each["kind"] == kind]


def settings_named_in(path: Path) -> set[str]:
    return {name.lower() for name in re.findall(r"\bDOG_([A-Z_]+)", path.read_text("utf-8"))}


@pytest.mark.parametrize("name", ["Dockerfile", "compose.yaml", "deploy/kubernetes.yaml", "deploy/env.example"])
def test_every_setting_that_is_named_exists(name: str) -> None:
    named = settings_named_in(ROOT / name)

    assert named
    assert named <= set(READERS)


def test_the_image_listens_where_it_says() -> None:
    settings = read_settings({name: value for name, value in IMAGE.environ({}).items() if name.startswith("DOG_")})

    assert IMAGE.all("EXPOSE") == [str(settings.port)]
    assert str(settings.port) in IMAGE.health_check()[-1]
    assert [str(settings.data_dir)] == IMAGE.all("VOLUME")


def test_every_pod_may_do_nothing_but_its_work() -> None:
    for template in PODS.values():
        pod = template["spec"]
        [container] = pod["containers"]
        own = container["securityContext"]

        assert pod["securityContext"]["runAsNonRoot"]
        assert [str(pod["securityContext"]["runAsUser"])] == IMAGE.all("USER")
        assert own["readOnlyRootFilesystem"]
        assert not own["allowPrivilegeEscalation"]
        assert own["capabilities"] == {"drop": ["ALL"]}
        assert not pod["automountServiceAccountToken"]


def test_every_pod_can_write_where_the_service_writes() -> None:
    for template in PODS.values():
        [container] = template["spec"]["containers"]
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}

        assert set(mounts) == {"/tmp", *IMAGE.all("VOLUME")}
        assert set(mounts.values()) == {volume["name"] for volume in template["spec"]["volumes"]}


def test_the_probes_ask_routes_that_are_open_to_everybody(make_api: Any) -> None:
    client = make_api().client
    [container] = PODS["dog"]["spec"]["containers"]
    probes = [container[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")]

    assert {probe["path"] for probe in probes} == {"/health/live", "/health/ready"}
    assert all(client.get(probe["path"]).status_code == 200 for probe in probes)
    assert {probe["port"] for probe in probes} == {port["name"] for port in container["ports"]}


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
    [service], [budget], [network] = of_kind("Service"), of_kind("PodDisruptionBudget"), of_kind("NetworkPolicy")

    def found(selector: dict[str, str]) -> list[str]:
        return [name for name, own in labels.items() if selector.items() <= own.items()]

    assert found(service["spec"]["selector"]) == ["dog"]
    assert found(budget["spec"]["selector"]["matchLabels"]) == ["dog"]
    assert found(network["spec"]["podSelector"]["matchLabels"]) == ["dog", "dog-scheduler"]
    assert network["spec"]["ingress"][0]["ports"][0]["port"] == int(IMAGE.all("EXPOSE")[0])


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
