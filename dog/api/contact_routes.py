"""What is held on one contact: told, and erased."""

from flask import Response, g, request

from dog.api.read_response_schemas import ContactErased, ContactHeld
from dog.api.request_guard import answer, needs, runtime
from dog.api.routing import query
from dog.api.routing import routes as make_routes
from dog.errors import InvalidInput
from dog.services.data.erase import erase, export_contact

CONTACT = query("contact_id", "string", "the contact", required=True, minLength=1)

routes = make_routes("contacts", "All that is held on a contact, and its erasure")


@routes.route("/contacts/export", methods=["GET"])
@routes.documents(answers=ContactHeld, problems=(404,), parameters=[CONTACT])
@needs("admin")
def get_contact_export() -> Response:
    """Tell all that is held on the contact named by `contact_id`."""
    return answer(export_contact(runtime(), g.tenant, _contact_id()))


@routes.route("/contacts", methods=["DELETE"])
@routes.documents(answers=ContactErased, problems=(404, 409), parameters=[CONTACT])
@needs("admin")
def delete_contact() -> Response:
    """Erase the contact named by `contact_id`, feedback and decisions included; it is refused from then on."""
    return answer(erase(runtime(), g.tenant, _contact_id()))


def _contact_id() -> str:
    given = request.args.get("contact_id")
    if given is None:
        raise InvalidInput("name one contact: ?contact_id=ID", code="invalid_value")
    return given
