"""Schemas of answers to reads and administration, for OpenAPI only."""

from marshmallow import Schema, fields

from dog.api.response_schemas import boolean, integer, many, number, one_of, text


def by_policy(description: str) -> fields.Dict:
    """Declare an object with a value for each policy."""
    return fields.Dict(required=True, metadata={"description": f"by policy: {description}"})


class MultiplierRowSchema(Schema):
    """One pair: counts of the log, evidence after recursion and absorption, rates and multipliers."""

    contact_id = text(allow_none=True)
    product_id = text(allow_none=True)
    pitches = integer()
    wins = integer()
    losses = integer(metadata={"description": "matured pitches included"})
    pending = integer()
    evidence_wins = number()
    evidence_pitches = number()
    evidence_expected = number(metadata={"description": "wins that the models expected of these pitches"})
    expected = number(metadata={"description": "the same, scaled to tenant and product: what wins are compared with"})
    product_ratio = number()
    pair_ratio = number()
    odds = number(allow_none=True, metadata={"description": "factor on the odds of the score"})
    raw_win_rate = number(allow_none=True)
    win_rate = number(allow_none=True)
    prior = number(allow_none=True)
    arm = number(allow_none=True)
    drm = number(allow_none=True)
    explore = number()
    step = number()
    streak = number()
    recursions = integer()
    laps = integer()
    multiplier = number()
    version = text()
    as_of = text(metadata={"description": "ISO week"})


class MultiplierPageSchema(Schema):
    """A page of pairs; `next_cursor` is null on the last."""

    items = many(MultiplierRowSchema)
    next_cursor = text(allow_none=True)
    version = text(allow_none=True)
    notes = fields.List(fields.String())


class PublishedVersionSchema(Schema):
    """A published recompute."""

    version = text()
    week = text()
    published_at = text(metadata={"format": "date-time"})
    timezone = text()
    active = boolean()
    replayed = boolean(metadata={"description": "made by a replay of weeks that had been published before"})
    trust = by_policy("how much records of products and of pairs are believed, 0 to 1")
    absorbed_share = by_policy("share of the evidence that new scores were found to know")
    delay_curve = by_policy("share of wins that have come by each sixteenth of maturation_days; empty below 30 wins")
    tenant_ratio = by_policy("all wins over all expected wins")
    counts = fields.Dict(required=True)


class PublishedVersionsSchema(Schema):
    """A page of the kept ones, newest week first; `next_cursor` is null on the last."""

    items = many(PublishedVersionSchema)
    next_cursor = text(allow_none=True)


class CurvePointSchema(Schema):
    """The multiplier at a win rate after some recursions."""

    win_rate = number()
    recursions = integer()
    multiplier = number()
    arm = number(allow_none=True)
    drm = number(allow_none=True)


class CurveWarningSchema(Schema):
    """Where a damped curve breaks its order or bounds."""

    code = one_of("order_broken", "bounds_broken")
    win_rate = number()
    recursions = integer()


class CurveSchema(Schema):
    """A reinforcement curve."""

    neutral = number()
    points = many(CurvePointSchema)
    warnings = many(CurveWarningSchema)


class PolicyCurveSchema(CurveSchema):
    """A policy's curve, with the settings used."""

    policy = text()
    policy_version = text()
    settings = fields.Dict(required=True)


class JobStartedSchema(Schema):
    """A queued job; the header `Location` has its URL."""

    job_id = text()
    state = text()


class JobStateSchema(Schema):
    """The state of a job."""

    job_id = text()
    name = text()
    state = text()
    progress = number(metadata={"description": "0 to 1"})
    parameters = fields.Dict(required=True)
    counts = fields.Dict(required=True)
    error = text(allow_none=True)
    holder = text(allow_none=True)
    by = text(metadata={"description": "The key, person or command line that started it"})
    created_at = text(metadata={"format": "date-time"})
    started_at = text(allow_none=True, metadata={"format": "date-time"})
    finished_at = text(allow_none=True, metadata={"format": "date-time"})
    duration_seconds = number(allow_none=True)


class JobStatesSchema(Schema):
    """The kept ones, newest first."""

    items = many(JobStateSchema)


class TenantSettingsShownSchema(Schema):
    """The tenant's settings."""

    require_proof = boolean()
    replay_share = number()
    unknown = text()  # type: ignore[assignment]  # the field's name is the contract's
    contact_attributes = fields.List(text(), required=True)
    batch_accept = boolean()


class RunShownSchema(Schema):
    """A run: its inputs, metrics and outcome."""

    run_id = text()
    kind = text()
    at = text(metadata={"format": "date-time"})
    seconds = number()
    settings = fields.Dict(required=True)
    code = text()
    data = text()
    seed = fields.Integer(required=True, allow_none=True)
    metrics = fields.Dict(required=True)
    outcome = text()
    by = text(metadata={"description": "The key, person or command line that ran it"})
    files = fields.List(fields.String(), required=True)


class RunsShownSchema(Schema):
    """The kept ones, newest first."""

    items = many(RunShownSchema)


class RunComparisonSchema(Schema):
    """Where two runs differ; each difference is a pair [first, second]."""

    same_inputs = boolean()
    same_metrics = boolean()
    inputs = fields.Dict(required=True)
    metrics = fields.Dict(required=True)


class PolicyStoredSchema(Schema):
    """A stored version."""

    name = text()
    version = text()
    active = boolean()
    default = fields.Boolean()
    warnings = fields.List(fields.Raw())


class PolicyVersionSchema(Schema):
    """One version of a policy."""

    version = text()
    active = boolean()
    state = text(metadata={"enum": ["active", "earlier", "draft"]})
    author = text()
    comment = text()
    created_at = text(metadata={"format": "date-time"})
    published_by = text(allow_none=True, metadata={"description": "who made it active last"})
    published_at = text(allow_none=True, metadata={"format": "date-time"})
    published_comment = text(allow_none=True)


class PolicyVersionsSchema(Schema):
    """All versions, newest first."""

    items = many(PolicyVersionSchema)


class ListChangesSchema(Schema):
    """How the lists of a sample of contacts change."""

    lists_changed = integer()
    lists_emptied = integer(metadata={"description": "lists with items that would have none"})
    lists_shortened = integer(metadata={"description": "lists that would have fewer items, but some"})
    top_k_exchanged = number(metadata={"description": "share of the places"})
    rank_correlation = number(allow_none=True)
    products = fields.Dict(required=True)
    categories = fields.Dict(required=True)
    segments_changed = fields.Dict(required=True)


class PolicyPreviewSchema(ListChangesSchema):
    """What a policy would change, on a sample of contacts: at once, and with the next recompute."""

    compared_with = fields.Dict(required=True)
    contacts = integer()
    after_recompute = fields.Nested(ListChangesSchema, required=True, allow_none=True)
    rules = fields.Dict(required=True)
    warnings = fields.List(fields.Raw(), required=True)


class ContactHeldSchema(Schema):
    """All data of a contact."""

    contact = fields.Dict(required=True, allow_none=True)
    scores = fields.List(fields.Dict(), required=True)
    transactions = fields.List(fields.Dict(), required=True)
    events = fields.List(fields.Dict(), required=True)
    multipliers = fields.List(fields.Dict(), required=True)
    laps = integer()
    decisions = fields.List(fields.Dict(), required=True)
    quarantined = fields.List(fields.Dict(), required=True)
    snoozed = fields.List(
        fields.Dict(), required=True, metadata={"description": "until when a rep has put off it or one of its products"}
    )


class ContactErasedSchema(Schema):
    """What was erased."""

    erased = fields.Dict(required=True)
    append_only_file = text()


class LiveSchema(Schema):
    """The process answers."""

    status = one_of("live")
    version = text()


class ReadySchema(Schema):
    """Whether requests can be served."""

    status = one_of("ready", "not ready")
    durability = fields.String()
    reason = fields.String()


class ActSchema(Schema):
    """An audit entry."""

    at = text(metadata={"format": "date-time"})
    act = text()
    target = text()
    who = fields.String(metadata={"description": "id of an API key; of a command, user NAME"})
    name = fields.String()
    source = fields.String(metadata={"description": "address of the client; of a command, the machine"})
    request_id = fields.String()
    details = fields.Dict()


class AuditPageSchema(Schema):
    """A page of audit entries, newest first; `next_cursor` is null on the last."""

    items = many(ActSchema)
    next_cursor = text(allow_none=True)
