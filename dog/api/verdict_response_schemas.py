"""Schemas of the answers about verdicts that act beyond one contact."""

from marshmallow import Schema, fields

from dog.api.response_schemas import boolean, integer, many, number, one_of, text
from dog.core.verdicts.cross_contact import SCOPES


class VoterSchema(Schema):
    """Who voted: `key ID`, `actor ID` where its key may name actors, or the actor of a business need."""

    voter = text()
    weight = integer(metadata={"description": "votes for (positive) or against; 0: an accept withdrew a discard"})
    at = text(metadata={"format": "date-time"})


class VerdictSchema(Schema):
    """The votes on one subject in one scope, and what they do."""

    id = text()
    scope = one_of(*SCOPES)
    trigger = one_of("market", "business", "discomfort")
    key = text(metadata={"description": "what the votes are about, as in the answer to feedback"})
    subject = text(metadata={"description": "category, or account"})
    within = text(allow_none=True, metadata={"description": "segment, or actor"})
    direction = one_of("against", "for", "even")
    votes = integer()
    needed = integer(metadata={"description": "votes from which the scope acts"})
    acts = boolean()
    factor = number(metadata={"description": "0: the account rests"})
    until = text(allow_none=True, metadata={"format": "date-time"})
    last_at = text(metadata={"format": "date-time"})
    voters = many(VoterSchema)
    contacts = fields.List(fields.String(), metadata={"description": "at most 50, of whom the verdicts were"})
    products = fields.List(fields.String())


class VerdictPageSchema(Schema):
    """A page of subjects with votes; `next_cursor` is null on the last."""

    items = many(VerdictSchema)
    next_cursor = text(allow_none=True)


class LiftedVerdictSchema(Schema):
    """The votes given until now no longer count."""

    id = text()
    status = one_of("lifted")
    repeated = boolean(metadata={"description": "there was no vote left to lift"})
