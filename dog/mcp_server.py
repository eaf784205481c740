"""Tools for MCP clients: what to recommend, why not something else, the history of a pair, feedback."""

from typing import Annotated, Any, Literal

import orjson
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field, ValidationError

from dog import __version__
from dog.errors import DogError, InvalidInput
from dog.services.data.mapping.row_map import derive_event_id
from dog.services.feedback.answer_feedback import answer_feedback
from dog.services.lists.list_request import MAX_K, ListRequest
from dog.services.lists.recommend import recommend
from dog.services.lists.why_not import why_not_now
from dog.services.pairs.pair_ledger import read_pair_ledger
from dog.services.runtime import Runtime
from dog.storage.sender import Sender

INSTRUCTIONS = (
    "Recommends products for the contacts of one business, and learns from the results. Reading changes "
    "nothing; record_feedback does: record only what has really happened."
)
SENDER = Sender(key_id="mcp")
"""All feedback of this server is one voter's, whatever actors it names."""
PREFIX = "mcp:"
"""How the ids that it derives begin."""

Document = dict[str, Any]
ContactId = Annotated[str, Field(description="Id of the contact.")]
ProductId = Annotated[str, Field(description="Id of the product.")]
Policy = Annotated[str | None, Field(description="Name of the policy; the tenant's default if left out.")]
K = Annotated[int, Field(description="How many products at most.", ge=1, le=MAX_K)]
Kind = Literal["accept", "discard", "restructure", "pitch", "win", "loss"]
OptionalText = Annotated[str | None, Field(description="Left out where it is not known.")]


class ToolServer(MCPServer[Any]):
    """A server whose tools answer every refused call with one sentence."""

    async def call_tool(self, name: str, arguments: Document, context: Context[Any, Any] | None = None) -> Any:
        """Call a tool; raise `ToolError` with the sentence of a refusal."""
        try:
            return await super().call_tool(name, arguments, context)
        except ToolError as error:
            cause = error.__cause__
            if isinstance(cause, ValidationError):
                raise ToolError(_sentence(cause)) from None
            if isinstance(cause, DogError):
                raise ToolError(cause.message) from None
            raise


def build_server(runtime: Runtime, tenant: str) -> MCPServer[Any]:
    """Return the server of a tenant."""
    server = ToolServer("dog", instructions=INSTRUCTIONS, version=__version__, log_level="WARNING")

    @server.tool("recommend")
    def recommend_tool(contact_id: ContactId, k: K = 5, policy: Policy = None) -> Document:
        """Rank products for a contact, each with the factors of its score. Nothing is counted or kept."""
        request = ListRequest(contact_id, k=k, policy=policy, dry_run=True)
        return _parsed(recommend(runtime, tenant, request).body)

    @server.tool("why_not")
    def why_not_tool(contact_id: ContactId, product_id: ProductId, k: K = 5, policy: Policy = None) -> Document:
        """Return why a product is not on the list of a contact, and what would put it there. Nothing is counted."""
        return why_not_now(runtime, tenant, contact_id, product_id, policy=policy, k=k)

    @server.tool("pair_ledger")
    def pair_ledger_tool(contact_id: ContactId, product_id: ProductId, policy: Policy = None) -> Document:
        """Return what happened between a contact and a product, week by week, and the multiplier that came of it."""
        ledger = read_pair_ledger(runtime, tenant, contact_id, product_id, policy)
        return _parsed(orjson.dumps(ledger, option=orjson.OPT_SERIALIZE_NUMPY))

    @server.tool("record_feedback")
    def record_feedback_tool(
        type: Kind,  # noqa: A002  # the name of the field
        contact_id: ContactId,
        product_id: ProductId,
        event_id: Annotated[
            str | None, Field(description="The same id counts once; made of the rest if left out.")
        ] = None,
        occurred_at: Annotated[str | None, Field(description="RFC 3339; needed where event_id is left out.")] = None,
        pitch_id: OptionalText = None,
        actor_id: OptionalText = None,
        reason: Annotated[Document | None, Field(description="Of a verdict: trigger, attribute, note.")] = None,
        replace: Annotated[Document | None, Field(description="Of a restructure: attribute, from, to.")] = None,
        value: float | None = None,
    ) -> Document:
        """Record one event: a pitch, win or loss, or a verdict on a recommendation. The same event counts once."""
        given = {
            "type": type,
            "contact_id": contact_id,
            "product_id": product_id,
            "occurred_at": occurred_at,
            "pitch_id": pitch_id,
            "actor_id": actor_id,
            "reason": reason,
            "replace": replace,
            "value": value,
        }
        return _record(runtime, tenant, {name: it for name, it in given.items() if it is not None}, event_id)

    return server


def _record(runtime: Runtime, tenant: str, document: Document, event_id: str | None) -> Document:
    if event_id is None and "occurred_at" not in document:
        raise InvalidInput("send event_id, or occurred_at from which one is made, so that the event counts once")
    document = {**document, "event_id": event_id or derive_event_id(document, PREFIX)}
    answered = answer_feedback(runtime, tenant, [document], substitute=False, sender=SENDER)
    result: Document = answered["results"][0]
    if result["status"] == "rejected":
        raise InvalidInput(result["message"], code=result["code"])
    return result


def _parsed(body: bytes) -> Document:
    document: Document = orjson.loads(body)
    return document


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
