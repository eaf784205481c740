"""What the pages Policy and Learning ask of policies: which there are, their versions, preview, publish, activate."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, make_response, request

from dog.console import MOUNT_PATH
from dog.console.session import author, runtime, tenant
from dog.console.texts import _
from dog.errors import NotFound
from dog.services.policies.policy_store import VersionMovedOn
from dog.services.publishing.preview_policy import preview_policy
from dog.services.publishing.publish_policy import activate_policy_version, list_policy_versions, publish_policy
from dog.storage.policy_versions import active_policies, read_default_policy, read_policy_version

MAX_VERSIONS = 12
SAMPLE = 60
"""Contacts of a preview: it takes some seconds."""


def names_of_policies() -> list[str]:
    """Return the names of the active policies, the default first."""
    store = runtime().store(tenant())
    default = read_default_policy(store)
    return sorted(active_policies(store), key=lambda name: (name != default, name))


def chosen_policy(names: Sequence[str]) -> str | None:
    """Return the policy that the request names, else the first, None where there is none.

    Raise `NotFound` where it names one that is not live.
    """
    named = request.values.get("policy")
    if named and names and named not in names:
        message = _("There is no policy “%(policy)s”; live are: %(names)s.", policy=named, names=", ".join(names))
        raise NotFound(message, code="unknown_policy")
    return (named if names else None) or next(iter(names), None)


def latest_versions(policy: str) -> list[dict[str, Any]]:
    """Return the versions that a page shows, newest first."""
    return list_policy_versions(runtime(), tenant(), policy)[:MAX_VERSIONS]


def document_of(policy: str, version: str) -> dict[str, Any]:
    """Return a stored version of a policy; raise `NotFound` where it is not kept."""
    record = read_policy_version(runtime().store(tenant()), policy, version)
    if record is None:
        message = _("Policy %(policy)s has no version %(version)s.", policy=policy, version=version)
        raise NotFound(message, code="unknown_policy")
    document: dict[str, Any] = record["document"]
    return document


def preview_changes(policy: str, content: bytes | str | Mapping[str, Any]) -> dict[str, Any]:
    """Compare the lists of a sample of contacts, at once and after the next recompute."""
    return preview_policy(runtime(), tenant(), policy, content, sample=SAMPLE)


def wants_draft() -> bool:
    """Return whether the form asks for a draft, not for a live version."""
    return request.form.get("as") == "draft"


def publish_changes(policy: str, content: bytes | Mapping[str, Any], *, base: str) -> str:
    """Publish a policy, or store it as a draft, with the form's comment; return its version.

    Raise `VersionMovedOn` where it is to be published, and `base`, which it was made from, is no longer live.
    """
    try:
        stored = publish_policy(
            runtime(),
            tenant(),
            policy,
            content,
            author=author(),
            comment=request.form.get("comment", "").strip(),
            if_match=[base],
            draft=wants_draft(),
        )
    except VersionMovedOn as error:
        raise VersionMovedOn(_moved_on(policy) or error.message) from None
    version: str = stored["version"]
    return version


def activate_chosen(page: str) -> Response:
    """Make the version that the form names live: a draft, or an earlier one; show it on a page."""
    policy, version = request.form.get("policy", ""), request.form.get("version", "")
    activate_policy_version(runtime(), tenant(), policy, version)
    return show_stored(page, policy=policy, version=version)


def show_stored(page: str, *, policy: str, version: str) -> Response:
    """Let htmx load a page again, with the version that was stored."""
    answer = make_response("", 204)
    answer.headers["HX-Redirect"] = f"{MOUNT_PATH}{page}?{urlencode({'policy': policy, 'stored': version})}"
    return answer


def _moved_on(policy: str) -> str:
    """Return who published while the form was edited, and what to do; '' where no version is live."""
    live = next((one for one in list_policy_versions(runtime(), tenant(), policy) if one["active"]), None)
    if live is None:
        return ""
    return _(
        "Nothing was published: %(author)s has published version %(version)s since you opened the page; "
        "save yours as a draft, load the page again and apply your change to that version.",
        author=live["published_by"] or live["author"],
        version=live["version"],
    )
