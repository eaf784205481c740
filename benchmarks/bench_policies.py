"""What rules cost a request, and how soon a hostile policy is refused.

50 rules on 1,000 options, compiled before, and the choice of the ten best; beside it the same masks written by hand in
numpy, in the same run. Then
policies that are out to exhaust their reader: bombs, depth, thousands of rules, hostile conditions. Prints two
Markdown tables.
"""

import statistics
import time
from collections.abc import Callable
from datetime import date

import numpy as np

from dog.core.policy.policy_reader import read_policy
from dog.core.policy.policy_rules import compile_policy
from dog.core.rulebook.apply_rules import RuleColumns, apply_rules, history_of
from dog.core.rulebook.columns import Frame
from dog.core.rulebook.rule_tables import RuleTables
from dog.errors import InvalidPolicy
from dog.storage.policy_files import read_policy_toml

OPTIONS, RULES, ROUNDS = 1000, 50, 200
TODAY = date(2026, 11, 21)
CONDITIONS = (
    "product.category = 'g{n}' AND contact.segment <> 'archive'",
    "contact.segment = 'gold' AND score.cf >= 0.{n}",
    "product.value BETWEEN {n} AND 60 OR product.category IN ('g1', 'g{n}')",
    "product.name LIKE 'name {n}%'",
    "coalesce(days_since.pitch, 99) < {n} AND consolidated > 0.2",
)
EFFECTS: tuple[dict[str, object], ...] = ({"multiply": 1.01}, {"exclude": True}, {"multiply": 0.99}, {"multiply": 1.1})
RULE = "[[rules]]\nid = 'r%d'\nwhen = '''%s'''\nthen = {exclude = true}\n"
HOSTILE: dict[str, str] = {
    "a key of 200,000 parts": "a" + ".a" * 200_000 + " = 1",
    "100,000 nested lists": "x = " + "[" * 100_000,
    "50,000 nested tables": "x = " + "{a = " * 50_000,
    "10,000 rules": "name = 'x'\n" + "".join(RULE % (number, "true") for number in range(10_000)),
    "10,000 rules in one line": "rules = [" + ",".join("{id = 'a'}" for _ in range(10_000)) + "]",
    "2,000 rules, each at fault": "name = 'x'\n" + "".join(RULE % (n, "winrate = 1 OR " * 20) for n in range(2000)),
    "500 conditions of 1,900 characters, all at fault": "name = 'x'\n"
    + "".join(RULE % (n, "product.a = 1 OR " * 110 + "x") for n in range(500)),
    "500 sound conditions of 1,900 characters": "".join(
        RULE % (n, "product.a = 1 OR " * 110 + "true") for n in range(500)
    ),
    "900 brackets in a condition": "name = 'x'\n" + RULE % (1, "(" * 900 + "true" + ")" * 900),
    "a LIKE of 900 wildcards": "name = 'x'\n" + RULE % (1, "product.name LIKE '" + "%a" * 900 + "b' AND x"),
    "60,000 keys": "\n".join(f"key{number} = 1" for number in range(60_000)),
    "200,000 escaped quotes": 'x = """' + '\\"""' * 200_000,
    "a number of 500,000 digits": "x = " + "9" * 500_000,
    "2 MB of comment": "#" * 2_000_000,
    "odd types in every place": "name = 1\nmodels = []\nconsolidation = 2\nreinforcement = 'x'\nrules = {a = 1}\n",
    "subqueries, casts and calls": "name = 'x'\n"
    + "".join(RULE % (n, "(SELECT 1) = CAST(exec('x') AS INT) OR sleep(9)") for n in range(300)),
}


def main() -> None:
    """Measure both, and print."""
    ours, bare = time_rules()
    print(f"| 50 rules on 1,000 options | ms |\n|---|---|\n| rulebook | {ours:.2f} |\n| numpy by hand | {bare:.2f} |")
    print("\n| hostile policy | refused in ms of processor time | told |\n|---|---|---|")
    for name, text in HOSTILE.items():
        print(f"| {name} | {' | '.join(time_refusal(text))} |")


def time_rules() -> tuple[float, float]:
    """Time one request's rules, and the masks of the same conditions written by hand; milliseconds, medians."""
    rules = [
        {"id": f"r{n}", "when": CONDITIONS[n % len(CONDITIONS)].format(n=n), "then": EFFECTS[n % len(EFFECTS)]}
        for n in range(RULES - 2)
    ]
    rules.append({"id": "cap", "then": {"cap": {"by": "product.category", "at_most": 3}}})
    rules.append({"id": "one", "then": {"exclusive": ["p1", "p2", "p3"]}})
    rulebook = compile_policy(read_policy({"name": "bench", "models": {"cf": {}}, "rules": rules}))
    chance = np.random.default_rng(1)
    products = Frame.of(
        [
            {"id": f"p{n}", "category": f"g{n % 20}", "value": float(n % 80), "name": f"name {n}"}
            for n in range(OPTIONS)
        ],
        "product",
    )
    score, consolidated = chance.random(OPTIONS), chance.random(OPTIONS)
    days = np.where(chance.random(OPTIONS) < 0.7, np.nan, chance.integers(0, 60, OPTIONS))
    factors = np.tile(consolidated, (9, 1))
    tables, rows = RuleTables.of(rulebook, products, ("cf",)), np.arange(OPTIONS)

    def ours() -> None:
        given = RuleColumns(
            today=TODAY,
            attributes={"contact.segment": ["gold"]},
            context={},
            history=history_of(tables, {"days_since.pitch": days}, OPTIONS),
            event_counts=np.zeros((0, OPTIONS), np.int64),
        )
        apply_rules(
            tables,
            products,
            given,
            starts=np.array([0, OPTIONS]),
            products=rows,
            k=10,
            allowed=np.ones(OPTIONS, bool),
            ties=rows,
            models=("cf",),
            raw=score[None],
            factors=factors,
            drawn=np.zeros(0),
        )

    categories, values = rows % 20, (rows % 80).astype(float)
    named = [np.char.startswith(np.array([f"name {n}" for n in rows]), f"name {n}") for n in range(RULES)]

    def by_hand() -> None:
        factor, excluded = np.ones(OPTIONS), np.zeros(OPTIONS, bool)
        for n in range(RULES):
            mask = (
                categories == n,
                score >= float(f"0.{n}"),
                ((values >= n) & (values <= 60)) | (categories == 1) | (categories == n),
                named[n],
                (np.where(np.isnan(days), 99, days) < n) & (consolidated > 0.2),
            )[n % len(CONDITIONS)]
            if n % len(EFFECTS) == 1:
                excluded |= mask
            else:
                factor *= np.where(mask, 1.01, 1.0)

    return median_ms(ours), median_ms(by_hand)


def time_refusal(text: str) -> tuple[str, str]:
    """Time the reading of one text, by the processor's own clock; and what it came to."""
    began = time.process_time()
    try:
        read_policy_toml(text)
        told = "taken"
    except InvalidPolicy as error:
        told = f"{len(error.faults)} faults, the first: {error.faults[0].code}"
    return f"{(time.process_time() - began) * 1000:.0f}", told


def median_ms(call: Callable[[], object]) -> float:
    """Time a call many times; the median in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        call()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1000


if __name__ == "__main__":
    main()
