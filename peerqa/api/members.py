"""Who the token acts as, and the spaces that this member may see."""

from flask import Blueprint, Response, g

from peerqa.api.contract import contract, replies, reply
from peerqa.api.gives import Me, Named, Spaces, SpaceShape
from peerqa.database import db
from peerqa.gate import Audience, open_to
from peerqa.services import spaces

endpoints = Blueprint("api_members", __name__)


@endpoints.get("/me")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, Me), tags=["members"])
def me() -> Response:
    """Say who the token acts as."""
    member = g.member
    shape = Me(
        id=member.id,
        name=member.name,
        email=member.email,
        department=member.department.name if member.department else None,
        is_admin=member.is_admin,
        organization=Named.of(member.organization),
    )
    return reply(shape)


@endpoints.get("/spaces")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, Spaces), tags=["members"])
def list_spaces() -> Response:
    """List the spaces that one may see, by name."""
    roles = {membership.space_id: membership.role for membership in g.member.memberships}
    rows = spaces.list_spaces(db.session(), g.member)
    return reply(Spaces(spaces=[SpaceShape.of_space(row, role=roles.get(row.id)) for row in rows]))
