"""Who a contact is: what `templates/inbox_contact.html` shows above the contact's list."""

from collections.abc import Mapping
from typing import Any


def describe_header(contact_id: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the header shows of a contact; `record` is empty where it was never loaded."""
    told = [contact_id, *(str(record[name]) for name in ("account_id", "segment") if record.get(name))]
    return {"name": str(record.get("name") or contact_id), "told": list(dict.fromkeys(told))}
