import tomllib
from datetime import date
from pathlib import Path
from time import process_time

import pytest

from dog.core.learning.reinforcement_settings import CLAMP, Recursion, Reinforcement
from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import check_examples
from dog.core.rulebook.conflicts import find_conflicts
from dog.errors import InvalidPolicy, NotFound
from dog.storage.policy_files import read_policy_file, read_policy_toml

RULES = Path(__file__).parents[2] / "rules"
RULE = "[[rules]]\nid = 'r%d'\nwhen = '''%s'''\nthen = {exclude = true}\n"


def place_of(text: str) -> tuple[str, int | None, int | None]:
    with pytest.raises(InvalidPolicy) as caught:
        read_policy_toml(text)
    fault = caught.value.faults[0]
    return fault.pointer, fault.line, fault.column


@pytest.mark.parametrize("name", ["recommended", "published"])
def test_a_shipped_policy_is_sound(name: str) -> None:
    policy = read_policy_file(RULES / f"{name}.toml")

    assert policy.name == name
    assert check_examples(policy, date(2026, 11, 20)) == []
    assert find_conflicts(policy.rules) == []


def test_the_recommended_policy_spells_out_every_default() -> None:
    text = (RULES / "recommended.toml").read_text()
    bare = read_policy({"name": "recommended"}).to_document()
    shipped = tomllib.loads(text)

    assert read_policy(shipped).reinforcement == Reinforcement(on="odds", clamp=CLAMP)
    assert {*shipped, "rules"} >= set(bare)  # no rule acts as shipped
    assert {key for key in bare["reinforcement"] if key not in shipped["reinforcement"]} == set()


def test_the_published_policy_is_the_reinforcement_as_published() -> None:
    reinforcement = read_policy_file(RULES / "published.toml").reinforcement

    assert reinforcement.family == "linear"
    assert reinforcement.recursion == Recursion("literal", 1.0, 500)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name = 'a'\nmodles = {}\n", ("/modles", 2, 1)),
        ("name = 'a'\n[models]\n  cf = {wieght = 1}\n", ("/models/cf/wieght", 3, 9)),
        ("name = 'a'\n[models.cf]\nweight = 'x'\n", ("/models/cf/weight", 3, 1)),
        ("name = 'a'\nmodels.cf.weight = 'x'\n", ("/models/cf/weight", 2, 1)),
        ("name = 'a'\n\"odd key\" = 1\n", ("/odd key", 2, 1)),
        ("name = 'a'\n[[rules]]\nid = 'x'\nthen = {pin = 1}\n[[rules]]\nthen = {pin = 1}\n", ("/rules/1/id", 5, 1)),
        ("name = 'a'\nrules = [{id = 'x', then = {pin = 0}}]\n", ("/rules/0/then/pin", 2, 29)),
        ("name = 'a'\nname = 'b'\n", ("", 2, 11)),
        ("name = 'a", ("", 1, 10)),
        (f"name = 'a'\n{RULE % (1, 'winrate > 1')}", ("/rules/0/when", 4, 11)),
        (
            "name = 'a'\n[[rules]]\nid = 'x'\nwhen = \"true AND winrate > 1\"\nthen = {pin = 1}",
            ("/rules/0/when", 4, 18),
        ),
        (
            "name = 'a'\n[[rules]]\nid = 'x'\nwhen = '''\ntrue\n  AND winrate > 1'''\nthen = {pin = 1}",
            ("/rules/0/when", 6, 7),
        ),
        (
            'name = "a"\n[[rules]]\nid = "x"\nwhen = "\\ttrue AND winrate > 1"\nthen = {pin = 1}',
            ("/rules/0/when", 4, 20),
        ),
    ],
)
def test_a_fault_is_told_with_its_line_and_column(text: str, place: tuple[str, int, int]) -> None:
    assert place_of(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 200_000 + " = 1",
        "x = " + "[" * 100_000,
        "x = " + "{a = " * 50_000,
        "".join(RULE % (number, "true") for number in range(10_000)),
        "rules = [" + ",".join("{id = 'a'}" for _ in range(10_000)) + "]",
        "".join(RULE % (number, "winrate = 1 OR true") for number in range(500)),
        RULE % (1, "(" * 900 + "true" + ")" * 900),
        RULE % (1, "product.name LIKE '" + "%a" * 900 + "b' AND x"),
        "\n".join(f"key{number} = 1" for number in range(60_000)),
        'x = """' + '\\"""' * 200_000,
        "x = " + "9" * 500_000,
        "#" * 2_000_000,
        "name = '\0'",
    ],
    ids=range(13),
)
def test_hostile_text_is_refused_at_once(text: str) -> None:
    started = process_time()
    with pytest.raises(InvalidPolicy):
        read_policy_toml(text)

    # the processor's own time: a text that blows up takes minutes, whatever else runs here
    assert process_time() - started < 1


def test_a_file_that_is_not_there_or_not_text_is_told_plainly(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_bytes(b"name = '\xff'")

    with pytest.raises(NotFound, match=r"none\.toml cannot be read"):
        read_policy_file(tmp_path / "none.toml")
    with pytest.raises(InvalidPolicy, match="not UTF-8"):
        read_policy_file(broken)
