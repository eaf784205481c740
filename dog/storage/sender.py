"""Who sends feedback, and for whom it may speak."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The API key that sends events.

    Parameters
    ----------
    key_id
        Its id.
    is_admin
        Whether it has the scope `admin`: its verdicts on business needs act for the whole tenant.
    names_actors
        Whether it has the scope `actors`: each `actor_id` that it names is a voter of its own. Without it all its
        events are one voter's, whatever `actor_id` they name.

    """

    key_id: str
    is_admin: bool = False
    names_actors: bool = False

    def voter(self, actor_id: str | None) -> str:
        """Return whose vote an event is."""
        return f"actor {actor_id}" if self.names_actors and actor_id else f"key {self.key_id}"

    def speaks_as_admin(self, actor_id: str | None) -> bool:
        """Return whether an event is an admin's own, not one of an actor that the key vouches for."""
        return self.is_admin and not (self.names_actors and actor_id)


FILE = Sender(key_id="file", names_actors=True)
"""The sender of events loaded from a file: an operator vouches for the actors in it."""
