"""The first policy of a tenant: a file whose models are those that have scores."""

from collections.abc import Collection

from dog.core.policy.policy_settings import START

LOWER_IS_BETTER = ("churn", "risk", "risiko", "cancel", "kuendig", "attrition")
"""Parts of names of models whose high scores speak against an offer."""
HEADER = """# The policy of this tenant. Every other setting has its default: rules/recommended.toml names them all.
# After a change: dog policy check FILE, policy preview FILE, policy publish FILE --default
"""


def write_own_policy(name: str, models: Collection[str]) -> str:
    """Return the text of a policy file whose models are `models`, the model start where no other has a score.

    Examples
    --------
    >>> print(write_own_policy("acme", ["leads", "churn"]).partition("[models]")[2])
    <BLANKLINE>
    churn = {weight = 1, direction = "lower_is_better"}
    leads = {weight = 1, direction = "higher_is_better"}
    start = {role = "fallback"}   # for contacts and products of which no other model has a score
    <BLANKLINE>

    """
    own = sorted(model for model in models if model != START)
    lines = [f'{model} = {{weight = 1, direction = "{_direction(model)}"}}' for model in own]
    last = f'{START} = {{role = "fallback"}}   # for contacts and products of which no other model has a score'
    lines.append(last if own else f"{START} = {{weight = 1}}")
    return "\n".join([f'{HEADER}\nname = "{name}"\n', "[models]", *lines, ""])


def _direction(model: str) -> str:
    return f"{'lower' if any(part in model for part in LOWER_IS_BETTER) else 'higher'}_is_better"
