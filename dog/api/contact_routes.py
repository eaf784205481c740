"""GET /v1/contacts/export and DELETE /v1/contacts: all data of a contact, and its erasure."""

from flask import Response, g, request

from dog.api.read_response_schemas import ContactErasedSchema, ContactHeldSchema
from dog.api.request_guard import answer, runtime
from dog.api.routing import Routes, query
from dog.errors import InvalidInput
from dog.services.data.erase import erase, export_contact

CONTACT = query("contact_id", "string", "the contact", required=True, minLength=1)

routes = Routes("contacts", "All that is held on a contact, and its erasure")


@routes.endpoint(
    "GET", "/v1/contacts/export", scope="admin", answers=ContactHeldSchema, problems=(404,), parameters=[CONTACT]
)
def get_contact_export() -> Response:
    """Export all data stored for the contact named by `contact_id`."""
    return answer(export_contact(runtime(), g.tenant, _contact_id()))


@routes.endpoint(
    "DELETE", "/v1/contacts", scope="admin", answers=ContactErasedSchema, problems=(404, 409), parameters=[CONTACT]
)
def delete_contact() -> Response:
    """Erase the contact named by `contact_id`, feedback and decisions included; later requests for it are refused."""
    return answer(erase(runtime(), g.tenant, _contact_id()))


def _contact_id() -> str:
    contact_id = request.args.get("contact_id")
    if contact_id is None:
        raise InvalidInput("name one contact: ?contact_id=ID", code="invalid_value")
    return contact_id
