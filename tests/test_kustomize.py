"""What Kustomize makes of the manifests: the example overlay names what is there, and is rendered where kubectl is."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
OVERLAY = ROOT / "deploy/overlay"


def read_kustomization(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((folder / "kustomization.yaml").read_text("utf-8"))
    return found


def resources(folder: Path) -> list[dict[str, Any]]:
    """Read the manifests of a kustomization and of those that it names, unchanged."""
    found: list[dict[str, Any]] = []
    for name in read_kustomization(folder)["resources"]:
        path = (folder / name).resolve(strict=True)
        found += resources(path) if path.is_dir() else yaml.safe_load_all(path.read_text("utf-8"))
    return found


def test_the_overlay_changes_only_what_the_base_has() -> None:
    overlay, base = read_kustomization(OVERLAY), resources(OVERLAY)
    names = {(each["kind"], each["metadata"]["name"]) for each in base}
    deployments = [each for each in base if each["kind"] == "Deployment"]
    images = {pod["image"] for each in deployments for pod in each["spec"]["template"]["spec"]["containers"]}

    assert {image["name"] for image in overlay["images"]} == {image.partition(":")[0] for image in images}
    assert {("Deployment", each["name"]) for each in overlay["replicas"]} <= names
    assert {(each["target"]["kind"], each["target"]["name"]) for each in overlay["patches"]} <= names


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_kubectl_renders_the_overlay_with_its_changes() -> None:
    command = ["kubectl", "kustomize", str(OVERLAY)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rendered = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(text)}

    assert len(rendered) == len(resources(OVERLAY))
    assert {each["metadata"]["namespace"] for each in rendered.values()} == {"recommendations"}
    assert rendered["Deployment", "dog"]["spec"]["replicas"] == 3
    assert rendered["ConfigMap", "dog"]["data"]["DOG_TIMEZONE"] == "Europe/Berlin"
