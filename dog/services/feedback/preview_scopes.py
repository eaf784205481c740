"""Where a discard would act, before it is given: each scope with the votes that there would be.

Nothing is read: the snapshot and the contact that a list was made from are enough.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dog.core.events import Attribute, EventType, Trigger
from dog.core.iso_weeks import DAY_MS
from dog.core.verdicts.cross_contact import ACTOR, MOST_COUNTED, SCOPES, Votes, VoteScope, vote_kind
from dog.core.verdicts.triggers import RATIONALE
from dog.services.feedback.cast_votes import vote_of
from dog.services.feedback.verdict_scopes import vote_key
from dog.services.lists.read_contact import ContactState
from dog.services.lists.snapshot import Snapshot
from dog.storage.sender import Sender
from dog.storage.store import Tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopePreview:
    """What a discard would come to in one scope.

    Parameters
    ----------
    scope
        Name of a scope in which votes count, or `rationale`.
    subject
        Category, account or model.
    within
        Segment or actor; empty in other scopes, and for contacts without a segment.
    votes
        Votes against the subject less those for it, with the discard.
    needed
        Votes from which the scope acts.
    adds
        Whether the discard changes the number of votes.

    """

    scope: str
    subject: str
    within: str = ""
    votes: int
    needed: int
    adds: bool = True

    @property
    def missing(self) -> int:
        """Votes that are needed after the discard; 0 where it acts."""
        return max(self.needed - self.votes, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeDiscard:
    """A contact as its list was made, and who would discard an item of it."""

    snapshot: Snapshot
    contact: ContactState
    tenant: Tenant
    sender: Sender
    actor_id: str
    now_ms: int

    def scopes(
        self, trigger: Trigger, attribute: Attribute, product_id: str, model: str | None = None
    ) -> list[ScopePreview]:
        """Return the scopes that count votes on a reason, the narrowest first; none where it acts at once or nowhere.

        `model` is the one behind the item's rationale.
        """
        if trigger is Trigger.DISCOMFORT and attribute is Attribute.RATIONALE and model is not None:
            return [self._rationale(model)]
        by_admin = self.sender.speaks_as_admin(self.actor_id)
        kind = vote_kind(EventType.DISCARD, trigger, attribute, by_admin=by_admin)
        catalogue = self.snapshot.catalogue
        number = catalogue.numbers.get(product_id)
        product = {} if number is None else catalogue.records[number]
        vote = None if kind is None else vote_of(kind, self.contact.record or {}, product, self.actor_id, self.sender)
        return [] if vote is None else list(self._votes(*vote))

    def _rationale(self, model: str) -> ScopePreview:
        own = self.contact.verdicts
        run = own.rationales.of(self.tenant.digest64(model)) if own is not None else 0
        return ScopePreview(scope="rationale", subject=model, votes=max(-run, 0) + 1, needed=RATIONALE.free_run + 1)

    def _votes(self, kind: int, subject: str, within: str, voter: str) -> Iterator[ScopePreview]:
        by = self.tenant.digest64(voter)
        for scope in SCOPES.values():
            if scope.kind == kind:
                key, votes = vote_key(scope, subject, within, self.tenant), self.snapshot.cross_contact.of(scope)
                before = votes.net(key, self.now_ms, scope)
                after = _net_after_discard(votes, key, by, self.now_ms, scope)
                yield ScopePreview(
                    scope=scope.name,
                    subject=subject,
                    within=within if scope.is_partial else "",
                    votes=-after,
                    needed=scope.needed,
                    adds=after != before,
                )


def _net_after_discard(votes: Votes, key: int, voter: int, now_ms: int, scope: VoteScope) -> int:
    """Return the votes for a key less those against it after a discard of a voter, who then has one vote against it.

    In the scope `actor` every verdict of the voter counts.
    """
    rows = votes.rows(key)
    is_own, weight = votes.voter[rows] == voter, votes.weight[rows]
    counts = votes.at_ms[rows] + scope.lasts_days * DAY_MS > now_ms
    others = int(weight[~is_own & counts].sum())
    own = max(int(weight[is_own & counts].sum()) - 1, -MOST_COUNTED) if scope is ACTOR else -1
    return others + own
