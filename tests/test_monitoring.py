"""The dashboard and the alerts ask for what /metrics has, and the page says what to do about each alert."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from dog.services.runtime import Runtime
from dog.services.weekly.run_recompute import run_recompute
from tests.conftest import Api, event

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/how-to/monitoring.md").read_text("utf-8")
DASHBOARD = json.loads((ROOT / "deploy/grafana/dog.json").read_text("utf-8"))
ALERTS = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text("utf-8"))["groups"][0]["rules"]
QUERIES = {target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]} | {
    rule["expr"] for rule in ALERTS
}
LABELS = {"job", "instance", "exported_job"}
"""What Prometheus adds at the scrape."""


@pytest.fixture
def exposed(runtime: Runtime, api: Api) -> dict[str, set[str]]:
    """The names of all samples, with their labels, after one list, one event, one week."""
    api.post("/v1/products", [{"product_id": "p1"}])
    api.post("/v1/recommendations", {"contact_id": "c1", "candidates": [{"product_id": "p1", "scores": {"cf": 0.5}}]})
    api.post("/v1/feedback", {"events": [event("e1", "pitch", occurred_at="2026-11-10T10:00:00Z")]})
    run_recompute(runtime, "default")
    api.post("/v1/feedback", {"events": [{}]})
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(api.get("/metrics").text):
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels)
    return found


def test_every_metric_that_is_asked_for_is_there_with_its_labels(exposed: dict[str, set[str]]) -> None:
    asked = {(name, labels) for query in QUERIES for name, labels in re.findall(r"(dog_\w+)(?:\{([^}]*)\})?", query)}
    without_data = {"dog_predicted_win_rate", "dog_observed_win_rate"}  # need resolved pitches of decisions

    assert {name for name, _ in asked} - without_data <= set(exposed)
    for name, labels in asked:
        used = set(re.findall(r"(\w+)=", labels))
        assert used <= exposed.get(name, {"tenant", "policy"}) | LABELS, name
    assert all(f"`{name}`" in PAGE for name in without_data)


def test_the_alerts_group_by_labels_that_exist(exposed: dict[str, set[str]]) -> None:
    for rule in ALERTS:
        names = re.findall(r"dog_\w+", rule["expr"])
        there: set[str] = LABELS.union(*(exposed.get(name, {"tenant", "policy"}) for name in names))
        text = rule["expr"] + rule["annotations"]["summary"]
        grouped = {
            part.strip() for group in re.findall(r"(?:by|on|ignoring) ?\(([^)]*)\)", text) for part in group.split(",")
        }
        shown = set(re.findall(r"\$labels\.(\w+)", text))

        assert grouped | shown <= there, rule["alert"]


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_is_explained(rule: dict[str, Any]) -> None:
    assert re.search(rf"^\| `{rule['alert']}` \| .+ \| .+ \|$", PAGE, re.MULTILINE)
    assert rule["labels"]["severity"] in ("page", "ticket")


def test_no_alert_is_explained_that_does_not_exist() -> None:
    assert set(re.findall(r"^\| `(Dog\w+)` ", PAGE, re.MULTILINE)) == {rule["alert"] for rule in ALERTS}
