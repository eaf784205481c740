"""The JSON Schema of policy documents, for editors; `rules/policy.schema.json` is its copy."""

from typing import Any

from dog.core.documents.fields import TextField
from dog.core.documents.tables import TablesField, object_schema
from dog.core.learning.reinforcement_settings import Reinforcement
from dog.core.policy.policy_reader import MAX_EXAMPLES, MAX_MODELS, MAX_RULES, MODEL_NAME
from dog.core.policy.policy_settings import (
    CONSOLIDATED,
    OWN_MODEL,
    SLUG,
    VARIANTS,
    Attributes,
    Consolidation,
    ModelSettings,
    Shadow,
    Triggers,
)
from dog.core.rulebook.examples import Example
from dog.core.rulebook.rules import Rule


def policy_schema() -> dict[str, Any]:
    """Return the schema; what it accepts may still be refused for its conditions, or for names that are used twice."""
    variants = object_schema({name: share.schema() for name, share in VARIANTS.items()}, [])
    tables = {
        "models": ("How each model's scores enter the consolidated score.", _models()),
        "consolidation": ("How calibrated scores become one.", Consolidation.schema()),
        "reinforcement": ("How win rates become multipliers.", Reinforcement.schema()),
        "triggers": ("Where each trigger's multiplier is applied.", Triggers.schema()),
        "attributes": ("What an option may have.", Attributes.schema()),
        "variants": ("Shares of contacts that get a control in place of the policy, together below 1.", variants),
        "shadow": (
            "A challenger that ranks a share of the served requests as well, and is never served.",
            Shadow.schema(),
        ),
    }
    properties: dict[str, Any] = {
        "name": TextField("Slug by which requests choose the policy.", pattern=SLUG).schema(),
        **{name: {"description": description, **schema} for name, (description, schema) in tables.items()},
        "rules": TablesField("Rules, in the order in which they are read.", Rule, at_most=MAX_RULES).schema(),
        "examples": TablesField("Tests of the rules.", Example, at_most=MAX_EXAMPLES).schema(),
    }
    draft, title = "https://json-schema.org/draft/2020-12/schema", "Policy of the Decision Option Generator"
    return {"$schema": draft, "title": title, **object_schema(properties, ["name"])}


def _models() -> dict[str, Any]:
    names = {"pattern": f"^{MODEL_NAME}$", "not": {"enum": [CONSOLIDATED, OWN_MODEL]}}
    settings = {"additionalProperties": ModelSettings.schema(), "propertyNames": names}
    return {"type": "object", "maxProperties": MAX_MODELS, **settings}
