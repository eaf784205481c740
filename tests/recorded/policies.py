"""The policies of the world, as files."""

from pathlib import Path

MODELS = """
[models]
churn     = {weight = 0.2, direction = "lower_is_better", max_age_days = 80}
frequency = {weight = 0.4}
cf        = {weight = 0.4}
"""
ATTRIBUTES = """
[attributes]
channels = ["email", "call", "visit"]
times = ["morning", "afternoon"]
"""

POLICIES = {
    "recommended": f"""
name = "recommended"
{MODELS}
[reinforcement]
maturation_days = 14
recursion = {{reading = "evidence", n = 0.5, laps = 3}}
streak = {{accept = 1.4, discard = 0.4, half_life_days = 20}}
{ATTRIBUTES}
""",
    "published": f"""
name = "published"
{MODELS}
[reinforcement]
family = "linear"
neutral = 0.5
a_max = 2.0
d_min = 0.5
rate = "raw"
recursion = {{reading = "literal", n = 1.0, laps = 4}}
explore = 0.0
max_step = 10.0
absorb = 0.0
{ATTRIBUTES}
""",
    "pooled": f"""
name = "pooled"
{MODELS}
[consolidation]
method = "log_pool"
[reinforcement]
family = "exponential"
neutral = "score"
recursion = {{reading = "gain", n = 1.0, laps = 3}}
explore = 0.0
maturation_days = 21
[triggers]
performance = {{apply_to = "cf"}}
market = {{apply_to = "frequency"}}
business = {{apply_to = "churn", until = 2026-10-02}}
rationale = {{apply_to = "consolidated"}}
{ATTRIBUTES}
""",
    "stacked": f"""
name = "stacked"
{MODELS}
lead = {{weight = 0.3, max_age_days = 90}}
[consolidation]
method = "stacking"
[reinforcement]
family = "logistic"
neutral = "product"
a_max = 5.0
d_min = 0.1
max_step = 1.05
absorb = 0.5
explore = 2.0
[triggers]
performance = {{apply_to = "frequency"}}
business = {{apply_to = "cf", until = 2026-08-31}}
rationale = {{apply_to = "lead"}}
{ATTRIBUTES}
[[rules]]
id = "gold"
when = "contact.segment = 'gold' AND score.cf >= 0.3"
then = {{multiply = 1.2}}
reason = "Gold focus"
""",
    "ranked": """
name = "ranked"
[models]
frequency = {weight = 1.0}
lead      = {weight = 2.0, max_age_days = 120}
churn     = {weight = 0.5, direction = "lower_is_better", max_age_days = 60}
[consolidation]
method = "rrf"
[reinforcement]
neutral = 0.3
rate = "raw"
recursion = {reading = "evidence", n = 2.0, laps = 2}
[[rules]]
id = "two-of-a-category"
then = {cap = {by = "product.category", at_most = 2}}
reason = "Keep the list varied"
[[rules]]
id = "one-red"
when = "product.colour = 'red'"
then = {cap = {by = "product.colour", at_most = 1}}
""",
    "limited": f"""
name = "limited"
{MODELS}
{ATTRIBUTES}
[[rules]]
id = "no-fax"
stage = "eligibility"
when = "product.category = 'fax' AND contact.segment <> 'archive'"
then = {{exclude = true}}
reason = "Fax line is phased out"
from = 2026-08-10
to = 2026-12-31
[[rules]]
id = "contact-limit"
stage = "applicability"
when = "contact.region = 'north'"
then = {{limit = {{event = "pitch", by = "contact", at_most = 9, days = 14}}}}
[[rules]]
id = "pair-limit"
stage = "applicability"
priority = 5
then = {{limit = {{event = "pitch", by = "pair", at_most = 1, days = 28}}}}
reason = "Pitched within four weeks"
[[rules]]
id = "category-limit"
then = {{limit = {{event = "loss", by = "category", at_most = 2, days = 40}}}}
[[rules]]
id = "product-limit"
then = {{limit = {{event = "win", by = "product", at_most = 9, days = 30}}}}
[[rules]]
id = "one-of-three"
then = {{exclusive = ["p00", "p01", "p02", "p03"]}}
[[rules]]
id = "launch"
when = "product.category = 'desk'"
then = {{pin = 2}}
reason = "Launch week"
[[rules]]
id = "launch-of-red"
when = "product.colour = 'red' AND product.value > 100"
then = {{pin = 1}}
priority = 3
[[examples]]
name = "fax is out"
contact = {{segment = "gold"}}
product = {{id = "p02", category = "fax"}}
on = 2026-09-01
expect = {{eligible = false}}
""",
    "worded": f"""
name = "worded"
{MODELS}
{ATTRIBUTES}
[[rules]]
id = "models-disagree"
when = "abs(score.cf - score.frequency) > 0.6"
then = {{multiply = 0.7}}
[[rules]]
id = "weak"
when = "consolidated < CASE contact.segment WHEN 'gold' THEN 0.05 ELSE 0.1 END"
then = {{exclude = true}}
reason = "Too weak"
[[rules]]
id = "losers"
when = "pitches >= 2 AND win_rate < 0.3 AND multiplier < 1.1"
then = {{multiply = 0.5}}
[[rules]]
id = "winners"
when = "wins BETWEEN 1 AND 9 OR coalesce(win_rate, 0) > 0.5"
then = {{multiply = 1.5}}
[[rules]]
id = "rest"
when = "days_since.pitch < 5 OR days_since.loss <= 9"
then = {{exclude = true}}
[[rules]]
id = "again"
when = "days_since.win > 10 AND days_since.accept IS NULL"
then = {{multiply = 1.1}}
[[rules]]
id = "by-phone"
when = "context.channel = 'call' AND contact.channels LIKE '%call%'"
then = {{multiply = 1.3}}
[[rules]]
id = "season"
when = "context.season IN ('q3', 'q4') AND NOT context.hour >= 17"
then = {{multiply = 0.9}}
[[rules]]
id = "old-and-dear"
when = "contact.age > 60 AND product.value / 2 >= 100"
then = {{multiply = 2}}
[[rules]]
id = "short-lived"
when = "product.active_to - product.active_from < 30 OR product.active_to < '2026-09-15'"
then = {{multiply = 0.8}}
[[rules]]
id = "eco"
when = "starts_with(lower(product.name), 'eco') AND round(product.margin * 10, 1) > least(3, 5)"
then = {{multiply = 1.05}}
[[rules]]
id = "actor"
when = "context.actor_id = 'ann' OR contact.region <> 'north'"
then = {{multiply = 1.01}}
""",
    "split": f"""
name = "split"
{MODELS}
{ATTRIBUTES}
[variants]
no_multiplier = 0.25
no_rules = 0.25
random_eligible = 0.2
[[rules]]
id = "no-ink"
stage = "eligibility"
when = "product.category = 'ink'"
then = {{exclude = true}}
[[rules]]
id = "no-paper"
when = "product.category = 'paper'"
then = {{exclude = true}}
[[rules]]
id = "dear"
when = "product.value > 200"
then = {{multiply = 1.7}}
[[rules]]
id = "varied"
then = {{cap = {{by = "product.category", at_most = 2}}}}
""",
    "watched": f"""
name = "watched"
{MODELS}
[shadow]
challenger = "ranked"
share = 1.0
""",
    "aged": """
name = "aged"
[models]
lead = {weight = 1.0, max_age_days = 3}
""",
}

CHANGED = POLICIES["recommended"].replace("weight = 0.4}", "weight = 0.7}", 1) + (
    '[[rules]]\nid = "no-cable"\nwhen = "product.category = \'cable\' AND contact.age IS NOT NULL"\n'
    'then = {exclude = true}\n[[rules]]\nid = "push"\nwhen = "product.margin > 0.5"\nthen = {multiply = 1.4}\n'
)
"""`recommended`, changed: for previews and differences."""

REFUSED = {
    "unknown-keys": 'name = "x"\nmodles = 1\n[models]\ncf = {wieght = 1}\n',
    "no-toml": 'name = "x\n',
    "bad-name": 'name = "X Y"\n',
    "bad-numbers": 'name = "x"\n[reinforcement]\na_max = 0.5\nfamily = "ratoi"\nrecursion = {n = 9, laps = 0}\n',
    "unknown-columns": 'name = "x"\n[[rules]]\nid = "r"\nwhen = "contact.shoe = 1 AND product.colur = \'a\'"\n'
    "then = {exclude = true}\n",
    "bad-condition": 'name = "x"\n[[rules]]\nid = "r"\nwhen = "product.value > (SELECT 1)"\nthen = {exclude = true}\n'
    '[[rules]]\nid = "r"\nwhen = "product.value >"\nthen = {multiply = -1}\n',
    "bad-effect": 'name = "x"\n[[rules]]\nid = "r"\nthen = {boost = 2}\n[[rules]]\nid = "s"\n'
    'then = {limit = {event = "pich", by = "all", at_most = 0, days = 999}}\n',
    "failing-example": 'name = "x"\n[[examples]]\nname = "e"\nproduct = {id = "p00"}\nexpect = {eligible = false}\n',
    "bad-split": 'name = "x"\n[variants]\nno_rules = 0.6\nno_multiplier = 0.5\n[shadow]\nchallenger = "A"\nshare = 2\n',
    "zero-weights": 'name = "x"\n[models]\ncf = {weight = 0}\n',
    "unknown-target": 'name = "x"\n[triggers]\nmarket = {apply_to = "lead"}\n',
}


def write_policies(folder: Path) -> None:
    """Write every policy as a file."""
    folder.mkdir()
    for name, text in POLICIES.items():
        (folder / f"{name}.toml").write_text(text.lstrip())
