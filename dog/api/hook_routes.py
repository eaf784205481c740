"""POST /v1/hooks/{name}: events that other services push, proved by a signature instead of an API key."""

from flask import Response, request

from dog.api.feedback_response_schemas import HookAnswerSchema
from dog.api.request_guard import SIGNED, admit, answer, charge_rate_limit, read_body, runtime, unwrap
from dog.api.routing import Routes
from dog.services.hooks.receive_events import authenticate_hook, receive_events
from dog.services.hooks.schemes import SignedRequest
from dog.services.operations.rate_limits import EVENTS_OR_ROWS_A_UNIT
from dog.services.operations.request_source import public_url

routes = Routes("hooks", "Events pushed by other services")


@routes.endpoint("POST", "/v1/hooks/<name>", scope=SIGNED, body={}, answers=HookAnswerSchema, problems=(415,))
def post_hook(name: str) -> Response:
    """Record the events of a signed body, each once; also where some are rejected the answer is 200."""
    context, asked = runtime(), unwrap(request)
    body = read_body("application/json")
    path = f"/v1/hooks/{name}" + (f"?{asked.query_string.decode('latin-1')}" if asked.query_string else "")
    url = public_url(asked.remote_addr or "", asked.headers, context.settings.trusted_proxies, path)
    signed = SignedRequest(method=asked.method, url=url, headers=asked.headers, body=body)
    hook = authenticate_hook(context, name, signed)
    admit(hook.key)
    answered = receive_events(context, hook, signed)
    charge_rate_limit(len(answered["results"]) / EVENTS_OR_ROWS_A_UNIT)
    return answer(answered)
