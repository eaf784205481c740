"""Two policies compared on held-out weeks: by their chances on the odds scale, and by how they rank."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np

from dog.core.policy.policy import Policy
from dog.offline.replay.replay_policy import ReplayInput, replay_prediction
from dog.offline.replay.served_prediction import says_probabilities
from dog.offline.statistics.discrimination import auc
from dog.offline.statistics.intervals import Estimate
from dog.offline.statistics.probabilities import log_losses
from dog.offline.statistics.score_change import Prediction, ScoreChange, compare_predictions


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutComparison:
    """A challenger compared with the champion on held-out weeks.

    `champion` and `challenger` are mean log losses in nats a pitch; `difference` is challenger minus champion, below 0
    where the challenger is better. `champion_auc` and `challenger_auc` are over all held-out pitches; `ranking` holds
    the changes of the rankings. `recalibrated` says whether one of the policies multiplies scores, so that the chances
    of both were recalibrated. Every change has an interval by contacts and one by weeks, and counts only where both
    agree.
    """

    champion: float
    challenger: float
    difference: Estimate
    pitches: int
    contacts: int
    weeks: int = 0
    champion_auc: float = np.nan
    challenger_auc: float = np.nan
    ranking: ScoreChange | None = None
    recalibrated: bool = False

    @property
    def better(self) -> bool:
        """Whether the log loss is lower and no ranking worse, or a ranking is better and the log loss not higher."""
        if self.ranking is None:
            return self.difference.below(0)
        if self.difference.below(0):
            return not self.ranking.ranks_worse()
        return self.ranking.ranks_better() and not self.difference.above(0)

    def not_worse(self, margin: float) -> bool:
        """Return whether the challenger is at least as good, within a margin of the log loss in nats a pitch.

        Either its log loss is shown not to be higher by more than the margin, and no ranking is shown to be worse; or a
        ranking is shown to be better, and the log loss is not shown to be higher by more than the margin.
        """
        if self.ranking is None:
            return self.difference.at_most(margin)
        if self.ranking.ranks_worse():
            return False
        return self.difference.at_most(margin) or (self.ranking.ranks_better() and not self.difference.above(margin))

    def metrics(self) -> Mapping[str, float | None]:
        """Return the figures by name, None where one is not known."""
        named = {
            "held_out.champion_log_loss": self.champion,
            "held_out.challenger_log_loss": self.challenger,
            **{f"held_out.difference_{name}": value for name, value in asdict(self.difference).items()},
            "held_out.champion_auc": self.champion_auc,
            "held_out.challenger_auc": self.challenger_auc,
            "held_out.pitches": float(self.pitches),
            "held_out.contacts": float(self.contacts),
            "held_out.weeks": float(self.weeks),
        }
        if self.ranking is not None:
            for figure in ("auc", "auc_within", "ndcg_at_3", "precision_at_1"):
                change = asdict(getattr(self.ranking, figure))
                named |= {f"held_out.{figure}_change_{name}": value for name, value in change.items()}
        return {name: float(value) if np.isfinite(value) else None for name, value in named.items()}

    def sentence(self) -> str:
        """Return the result as one sentence."""
        told = (
            f"on {self.pitches:,} held-out pitches the challenger's log loss is {self.challenger:.5f}, the champion's "
            f"{self.champion:.5f}: difference {self.difference.span(5)}"
        )
        if self.ranking is not None:
            told += (
                f"; its AUC is {self.challenger_auc:.3f}, the champion's {self.champion_auc:.3f}: change "
                f"{self.ranking.auc.span()}, NDCG@3 inside a contact's week {self.ranking.ndcg_at_3.span()}"
            )
        return told + ("; chances of both recalibrated, since scores are multiplied" if self.recalibrated else "")


def compare_held_out(
    past: ReplayInput, champion: Policy, challenger: Policy, held_out_ms: int, seed: int = 0
) -> HeldOutComparison:
    """Compare two policies on the pitches from `held_out_ms` on; both are replayed from the beginning.

    Where the multiplier of either acts on the score, whose products are not probabilities, the chances of both are
    recalibrated forward, so that like is compared with like.
    """
    recalibrated = not (says_probabilities(champion) and says_probabilities(challenger))
    old, new = (replay_prediction(past, policy, recalibrated=recalibrated) for policy in (champion, challenger))
    compared = (past.pitches.at_ms >= held_out_ms) & ~np.isnan(old.order) & ~np.isnan(new.order)
    some, old, new = past.pitches.where(compared), old.where(compared), new.where(compared)
    change = compare_predictions(some.clusters, some.won, old, new, seed=seed)
    return HeldOutComparison(
        champion=_loss(some.won, old),
        challenger=_loss(some.won, new),
        difference=change.log_loss,
        pitches=len(some),
        contacts=len(np.unique(some.contact)),
        weeks=len(np.unique(some.week)),
        champion_auc=auc(some.won, old.order) if len(some) else np.nan,
        challenger_auc=auc(some.won, new.order) if len(some) else np.nan,
        ranking=change,
        recalibrated=recalibrated,
    )


def _loss(wins: np.ndarray, found: Prediction) -> float:
    return float(log_losses(wins, found.chance).mean()) if len(wins) else np.nan
