"""A hundred invalid policies: each is refused with its places, and the active version stays."""

import shutil
from itertools import islice, product
from pathlib import Path
from typing import Any

import pytest

from dog.services.runtime import Runtime
from tests.api.test_policy_routes import BARE, put, rule
from tests.conftest import Api

POISON = 100
CONDITIONS = [
    "product.catgory = 'x'",
    "1 = ",
    "eval('1')",
    "product.value > 'dear'",
    "DROP TABLE x",
    "(SELECT 1) = 1",
    "product.__class__ = 1",
    "true; true",
    "product.value > 1e999",
    "score.nothing > 1",
]
EFFECTS = [
    "{exclude = false}",
    "{multiply = -1}",
    "{multiply = nan}",
    "{cap = {by = 'contact.segment', at_most = 2}}",
    "{limit = {event = 'pitch', by = 'pair', at_most = 0, days = 7}}",
    "{exclusive = ['p1']}",
    "{pin = 0}",
    "{run = 'rm -rf /'}",
    "{}",
    "{exclude = true, multiply = 2}",
]
WHOLE = [
    "[reinforcement]\na_max = 0.5\n",
    "[reinforcement]\nd_min = 2.0\n",
    "[reinforcement]\nrecursion = {reading = 'evidence', n = 99}\n",
    "[reinforcement]\nneutral = 7\n",
    "[consolidation]\nmethod = 'magic'\n",
    "[models]\ncf = {weight = -1}\n",
    "[models]\ncf = {weight = inf}\n",
    "[triggers]\nmarket = {apply_to = 'nobody'}\n",
    "[variants]\nno_rules = 1.5\n",
    "[unknown]\na = 1\n",
    "not toml at all",
    "a = [[[[",
    rule("true", "{exclude = true}") * 2,
    "[[examples]]\nname = 'e'\nproduct = {id = 'p1'}\nexpect = {eligible = false}\n",
    '[[rules]]\nid = "r"\nthen = {exclude = true}\nfrom = 2027-01-01\nto = 2026-01-01\n',
]


def poison() -> list[str]:
    """Write the policies: bad as a whole, bad in a condition, bad in an effect, bad in both."""
    plain = [*(rule(when, "{exclude = true}") for when in CONDITIONS), *(rule("true", then) for then in EFFECTS)]
    both = [rule(when, then) for when, then in product(CONDITIONS, EFFECTS)]
    return [BARE + text for text in islice([*WHOLE, *plain, *both], POISON)]


def test_a_hundred_poisoned_policies_are_refused_with_their_places_and_none_comes_in_force(
    api: Api, recommend: Any
) -> None:
    before = recommend()["policy_version"]
    answers = [put(api, text) for text in poison()]

    assert len(answers) == POISON
    assert {answer.status_code for answer in answers} == {422}
    assert all(fault["line"] and fault["message"] for answer in answers for fault in answer.json["errors"])
    assert recommend()["policy_version"] == before
    assert len(api.get("/v1/policies/recommended/versions").json["items"]) == 1


@pytest.fixture
def policy_dir(tmp_path: Path) -> Path:
    """Copy the shipped policies into a folder of the test's own."""
    return Path(shutil.copytree(Path(__file__).parents[2] / "rules", tmp_path / "rules"))


def test_a_hundred_poisoned_files_never_replace_what_is_in_force(
    api: Api, recommend: Any, runtime: Runtime, policy_dir: Path
) -> None:
    before = recommend()["policy_version"]
    for text in poison():
        (policy_dir / "recommended.toml").write_text(text)
        runtime._stores.clear()
        runtime.store("default")

    assert recommend()["policy_version"] == before
