"""A proof: a challenger compared with the champion, and which comparison decided."""

from dataclasses import dataclass

from dog.offline.off_policy.value_difference import ValueDifference
from dog.offline.replay.held_out import HeldOutComparison

MAX_EXTRA_LOG_LOSS = 0.005
"""Log loss, in nats a pitch, by which a challenger may be worse and still count as at least as good."""


@dataclass(frozen=True, slots=True)
class PolicyProof:
    """A challenger compared with the champion.

    `held_out` compares log losses, `logged` wins on decisions with propensities; where those cannot be compared it is
    None and `not_logged` says why.
    """

    held_out: HeldOutComparison
    logged: ValueDifference | None = None
    not_logged: str = ""

    @property
    def proved(self) -> bool:
        """Whether the challenger is at least as good, by the log; if that is inconclusive, by the held-out weeks."""
        if self.logged is not None and (self.logged.not_worse or self.logged.worse):
            return self.logged.not_worse
        return self.held_out.not_worse(MAX_EXTRA_LOG_LOSS)

    def sentence(self) -> str:
        """Return the result, and which comparison decided, as one sentence."""
        if self.logged is None:
            return f"judged by the models alone ({self.not_logged}): {self.held_out.sentence()}"
        by = "judged by logged propensities"
        if not (self.logged.not_worse or self.logged.worse):
            by = "logged propensities leave it open, so judged by the models"
        return f"{by}: {self.logged.sentence()}; {self.held_out.sentence()}"

    def metrics(self) -> dict[str, float | None]:
        """Return the figures by name."""
        return {**self.held_out.metrics(), **(self.logged.metrics() if self.logged else {})}
