"""The console's pages: where each is, its name in the navigation, and the scope that may see it."""

from dataclasses import dataclass

from dog.config import Role
from dog.console.session import allows, has_role, runtime, tenant
from dog.console.texts import N_
from dog.services.lists.snapshot import Snapshot, Snapshots


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolePage:
    """One entry of the navigation; `name` is a text of the catalogue."""

    path: str
    name: str
    scope: str
    role: Role = "rep"

    def is_open(self) -> bool:
        """Return whether the session may see the page."""
        return allows(self.scope) and has_role(self.role)


PAGES = (
    ConsolePage(path="/", name=N_("Inbox"), scope="feedback"),
    ConsolePage(path="/learning", name=N_("Learning"), scope="read"),
    ConsolePage(path="/rules", name=N_("Policy"), scope="admin"),
    ConsolePage(path="/coverage", name=N_("Coverage"), scope="read"),
    ConsolePage(path="/pairs", name=N_("Pairs"), scope="read"),
    ConsolePage(path="/verdicts", name=N_("Verdicts"), scope="read"),
    ConsolePage(path="/desk", name=N_("Desk"), scope="read"),
    ConsolePage(path="/runs", name=N_("Runs"), scope="read"),
    ConsolePage(path="/data", name=N_("Data"), scope="admin"),
    ConsolePage(path="/people", name=N_("People"), scope="admin", role="admin"),
    ConsolePage(path="/settings", name=N_("Settings"), scope="admin", role="admin"),
)


def needs_data() -> bool:
    """Return whether the session may load data, and its tenant has neither products nor scores.

    Redis is asked only where the cached snapshot is empty.
    """
    if not allows("admin"):
        return False
    snapshots, store = runtime().shared(Snapshots), runtime().store(tenant())
    return _is_empty(snapshots.get(store)) and _is_empty(snapshots.current(store))


def _is_empty(snapshot: Snapshot) -> bool:
    return not snapshot.catalogue.has_rows and not snapshot.models
