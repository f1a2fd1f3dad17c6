"""What PeerQA and the demo LMS know of each other from the beginning.

Beside the LMS and not in it, so that who only needs this does not load a web framework.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

NAME = "Northwind Academy"
CLIENT_ID = "peerqa-demo"
DEPLOYMENT_ID = "1"
COURSES = {  # context id → title; the first two are named after spaces of the company
    "c-201": "Workshop floor",
    "c-202": "Orders and delivery",
    "c-203": "Your first weeks at Northwind",
}
SCOPES = (
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
)


@dataclass(frozen=True)
class Registration:
    """What a tool is told when it is registered by hand."""

    name: str
    issuer: str
    client_id: str
    deployment_id: str
    authorization_url: str
    token_url: str
    keys_url: str
    scopes: tuple[str, ...] = SCOPES
    courses: Mapping[str, str] = field(default_factory=COURSES.copy)


def registration_of(
    address: str, *, client_id: str = CLIENT_ID, deployment_id: str = DEPLOYMENT_ID
) -> Registration:
    """Return what a tool must know of the LMS at this address."""
    return Registration(
        name=NAME,
        issuer=address,
        client_id=client_id,
        deployment_id=deployment_id,
        authorization_url=f"{address}/lti/authorize",
        token_url=f"{address}/lti/token",
        keys_url=f"{address}/lti/keys",
    )
