"""The pages that analysts read, and the schema that their editors read, keep up with the code."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from dog.core.policy.policy_reader import MAX_EXAMPLES, MAX_MODELS, MAX_RULES, read_policy
from dog.core.rulebook.column_schema import EVENTS, OPTION_COLUMNS, ColumnSchema
from dog.core.rulebook.conditions import compile_condition
from dog.core.rulebook.effect_kinds import EFFECTS
from dog.core.rulebook.tokens import FUNCTIONS, MAX_CHARACTERS
from dog.core.traffic_split import CONTROLS

ROOT = Path(__file__).parents[3]
POLICIES = (ROOT / "docs" / "reference" / "policies.md").read_text()
PAGE = (ROOT / "docs" / "reference" / "conditions.md").read_text()
SCHEMA: dict[str, Any] = json.loads((ROOT / "rules" / "policy.schema.json").read_text())
FENCED = re.compile(r"^```(\w+)\n(.*?)^```", flags=re.MULTILINE | re.DOTALL)
RECIPES = PAGE.partition("## Cookbook")[2].partition("\n## ")[0]
COOKBOOK = re.findall(r"^\| [^|`]+ \| `([^`]+)` \|$", RECIPES, flags=re.MULTILINE)
SQL = [text for language, text in FENCED.findall(PAGE) if language == "sql"]
TOML = [text for language, text in FENCED.findall(POLICIES + "\n" + PAGE) if language == "toml"]
SHIPPED = [read_policy(tomllib.loads(path.read_text())) for path in sorted((ROOT / "rules").glob("*.toml"))]


@pytest.mark.parametrize("kind", EFFECTS)
def test_every_effect_has_its_section_with_an_example(kind: str) -> None:
    section = POLICIES.partition(f"\n## {kind}\n")[2].partition("\n## ")[0]
    rules = [rule for _, text in FENCED.findall(section) for rule in tomllib.loads(text)["rules"]]

    assert [list(rule["then"]) for rule in rules] == [[kind]]


@pytest.mark.parametrize("text", TOML)
def test_every_example_on_the_pages_can_be_read(text: str) -> None:
    assert read_policy({"name": "page", **tomllib.loads(text)}).name == "page"


@pytest.mark.parametrize("text", COOKBOOK + SQL)
def test_every_condition_on_the_page_is_in_the_language(text: str) -> None:
    assert compile_condition(text, ColumnSchema(models=("cf", "frequency"))).reads


def test_the_cookbook_has_recipes() -> None:
    assert len(COOKBOOK) >= 10


@pytest.mark.parametrize("name", [*FUNCTIONS, *OPTION_COLUMNS])
def test_every_function_and_column_is_on_the_page(name: str) -> None:
    assert re.search(rf"`{name}[`(]", PAGE)


@pytest.mark.parametrize("policy", SHIPPED, ids=lambda policy: policy.name)
def test_the_schema_knows_every_key_of_the_shipped_policies(policy: Any) -> None:
    unknown = list(strangers(policy.to_document(), SCHEMA))

    assert unknown == []


def test_the_schema_knows_every_effect_event_and_limit() -> None:
    rules, examples = SCHEMA["properties"]["rules"], SCHEMA["properties"]["examples"]
    then = rules["items"]["properties"]["then"]["properties"]

    assert list(then) == list(EFFECTS)
    assert tuple(then["limit"]["properties"]["event"]["enum"]) == EVENTS
    assert rules["items"]["properties"]["when"]["maxLength"] == MAX_CHARACTERS
    assert (rules["maxItems"], examples["maxItems"]) == (MAX_RULES, MAX_EXAMPLES)
    assert SCHEMA["properties"]["models"]["maxProperties"] == MAX_MODELS


def test_the_schema_knows_every_control() -> None:
    assert tuple(SCHEMA["properties"]["variants"]["properties"]) == CONTROLS


def test_the_defaults_of_the_schema_are_those_of_the_reader() -> None:
    document = read_policy({"name": "plain"}).to_document()
    declared = SCHEMA["properties"]["reinforcement"]["properties"]

    known = {key: field for key, field in declared.items() if "default" in field or "properties" in field}

    assert {key: default_of(field) for key, field in known.items()} == document["reinforcement"]
    assert declared.keys() - known.keys() == {"on", "clamp"}  # their defaults follow from other settings


def default_of(field: dict[str, Any]) -> Any:
    """Read the default of a key, or those of all keys of a table."""
    if "properties" in field:
        return {key: default_of(inner) for key, inner in field["properties"].items()}
    return field["default"]


def strangers(value: Any, schema: dict[str, Any], pointer: str = "") -> list[str]:
    """List the keys of a document that its schema does not declare."""
    if isinstance(value, list):
        items = schema.get("items", {})  # numbers have no keys
        return [it for place, item in enumerate(value) for it in strangers(item, items, f"{pointer}/{place}")]
    if not isinstance(value, dict):
        return []
    found = []
    for key, inner in value.items():
        declared = schema.get("properties", {}).get(key) or schema.get("additionalProperties")
        if declared is False:
            found.append(f"{pointer}/{key}")
        elif isinstance(declared, dict):
            found += strangers(inner, declared, f"{pointer}/{key}")
    return found
