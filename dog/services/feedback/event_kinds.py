"""The events that rules may name, as the ledgers know them."""

from dog.core.events import EventType

KINDS = {
    "pitch": EventType.PITCH,
    "win": EventType.WIN,
    "loss": EventType.LOSS,
    "accept": EventType.ACCEPT,
    "discard": EventType.DISCARD,
}
