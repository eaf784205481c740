"""The directions of a policy's models: its own, else what is stated of the model itself."""

from collections.abc import Mapping
from dataclasses import replace

from dog.core.policy.policy import Policy
from dog.core.policy.policy_settings import Direction


def with_directions(policy: Policy, stated: Mapping[str, Direction]) -> Policy:
    """Return the policy with a direction for each of its models.

    Parameters
    ----------
    policy
        What it states itself stays.
    stated
        Direction of models, by name, for those of which the policy states none; others are better when higher.

    Examples
    --------
    >>> from dog.core.policy.policy_settings import ModelSettings
    >>> policy = Policy(name="p", models={"risk": ModelSettings(), "cf": ModelSettings()})
    >>> [model.direction for model in with_directions(policy, {"risk": "lower_is_better"}).models.values()]
    ['lower_is_better', 'higher_is_better']

    """
    models = {
        name: replace(settings, direction=settings.direction or stated.get(name, "higher_is_better"))
        for name, settings in policy.models.items()
    }
    return replace(policy, models=models)
