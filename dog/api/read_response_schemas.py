"""The shapes of what is read and steered, for the document that clients are made from."""

from marshmallow import Schema, fields

from dog.api.response_schemas import many, number, one_of, text, whole, yes_no


class MultiplierRow(Schema):
    """One pair: counts of the log, evidence after recursion and absorption, rates and multipliers."""

    contact_id = text(allow_none=True)
    product_id = text(allow_none=True)
    pitches = whole()
    wins = whole()
    losses = whole(metadata={"description": "matured pitches included"})
    pending = whole()
    evidence_wins = number()
    evidence_pitches = number()
    raw_win_rate = number(allow_none=True)
    win_rate = number(allow_none=True)
    prior = number(allow_none=True)
    arm = number(allow_none=True)
    drm = number(allow_none=True)
    explore = number()
    step = number()
    streak = number()
    recursions = whole()
    laps = whole()
    multiplier = number()
    version = text()
    as_of = text(metadata={"description": "ISO week"})


class MultiplierPage(Schema):
    """A page of pairs; `next_cursor` is null on the last."""

    items = many(MultiplierRow)
    next_cursor = text(allow_none=True)
    version = text(allow_none=True)
    notes = fields.List(fields.String())


class PublishedVersion(Schema):
    """A published recompute."""

    version = text()
    week = text()
    published_at = text(metadata={"format": "date-time"})
    timezone = text()
    active = yes_no()
    counts = fields.Dict(required=True)


class PublishedVersions(Schema):
    """Those that are kept, newest first."""

    items = many(PublishedVersion)


class CurvePoint(Schema):
    """The multiplier at a win rate after some recursions."""

    win_rate = number()
    recursions = whole()
    multiplier = number()
    arm = number(allow_none=True)
    drm = number(allow_none=True)


class CurveWarning(Schema):
    """Where a damped curve breaks its promises."""

    code = one_of("order_broken", "bounds_broken")
    win_rate = number()
    recursions = whole()


class Curve(Schema):
    """A reinforcement curve."""

    neutral = number()
    points = many(CurvePoint)
    warnings = many(CurveWarning)


class PolicyCurve(Curve):
    """A policy's curve, with the settings used."""

    policy = text()
    policy_version = text()
    settings = fields.Dict(required=True)


class JobStarted(Schema):
    """The job is in the queue; `Location` says where to look."""

    job_id = text()
    state = text()


class JobState(Schema):
    """How a job stands."""

    job_id = text()
    name = text()
    state = text()
    progress = number(metadata={"description": "0 to 1"})
    parameters = fields.Dict(required=True)
    counts = fields.Dict(required=True)
    error = text(allow_none=True)
    holder = text(allow_none=True)
    created_at = text(metadata={"format": "date-time"})
    started_at = text(allow_none=True, metadata={"format": "date-time"})
    finished_at = text(allow_none=True, metadata={"format": "date-time"})
    duration_seconds = number(allow_none=True)


class JobStates(Schema):
    """Those that are kept, newest first."""

    items = many(JobState)


class RunShown(Schema):
    """What was computed from what, and what came of it."""

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
    files = fields.List(fields.String(), required=True)


class RunsShown(Schema):
    """Those that are kept, newest first."""

    items = many(RunShown)


class RunComparison(Schema):
    """Where two runs differ; each difference is a pair [first, second]."""

    same_inputs = yes_no()
    same_metrics = yes_no()
    inputs = fields.Dict(required=True)
    metrics = fields.Dict(required=True)


class PolicyStored(Schema):
    """The version that a document got."""

    name = text()
    version = text()
    active = yes_no()
    warnings = fields.List(fields.Raw())


class PolicyVersion(Schema):
    """One version of a policy."""

    version = text()
    active = yes_no()
    author = text()
    comment = text()
    created_at = text(metadata={"format": "date-time"})


class PolicyVersions(Schema):
    """All of them, newest first."""

    items = many(PolicyVersion)


class PolicyPreview(Schema):
    """What a policy would change, on a sample of contacts."""

    compared_with = fields.Dict(required=True)
    contacts = whole()
    lists_changed = whole()
    top_k_exchanged = number(metadata={"description": "share of the places"})
    rank_correlation = number(allow_none=True)
    products = fields.Dict(required=True)
    categories = fields.Dict(required=True)
    segments_changed = fields.Dict(required=True)
    rules = fields.Dict(required=True)
    warnings = fields.List(fields.Raw(), required=True)


class ContactHeld(Schema):
    """All that is held on a contact."""

    contact = fields.Dict(required=True, allow_none=True)
    scores = fields.List(fields.Dict(), required=True)
    transactions = fields.List(fields.Dict(), required=True)
    events = fields.List(fields.Dict(), required=True)
    multipliers = fields.List(fields.Dict(), required=True)
    laps = whole()
    decisions = fields.List(fields.Dict(), required=True)


class ContactErased(Schema):
    """What was erased."""

    erased = fields.Dict(required=True)
    append_only_file = text()


class Live(Schema):
    """The process answers."""

    status = one_of("live")
    version = text()


class Ready(Schema):
    """Requests can be served, or why not."""

    status = one_of("ready", "not ready")
    durability = fields.String()
    reason = fields.String()


class Act(Schema):
    """Who changed what."""

    at = text(metadata={"format": "date-time"})
    act = text()
    target = text()
    who = fields.String(metadata={"description": "id of an API key; of a command, user NAME"})
    name = fields.String()
    source = fields.String(metadata={"description": "address of the client; of a command, the machine"})
    request_id = fields.String()
    details = fields.Dict()


class AuditPage(Schema):
    """A page of acts, newest first; `next_cursor` is null on the last."""

    items = many(Act)
    next_cursor = text(allow_none=True)
