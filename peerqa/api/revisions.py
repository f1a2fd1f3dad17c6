"""Revisions: the earlier texts of a question, an answer or a comment, and the way back to one."""

from flask import Blueprint, Response, g

from peerqa.api.contract import contract, replies
from peerqa.api.gives import Revisions, RevisionShape
from peerqa.api.takes import Restoration
from peerqa.api.versions import tagged, version_of
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.gate import Audience, open_to
from peerqa.services.answering import revisions
from peerqa.services.answering.restoring import restore_revision
from peerqa.services.comments import get_any_post

endpoints = Blueprint("api_revisions", __name__)


@endpoints.get("/posts/<id:post_id>/revisions")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, Revisions, 404), tags=["revisions"])
def list_revisions(post_id: int) -> Response:
    """Read the texts of a post as they were, newest first."""
    return _listed(post_id)


@endpoints.post("/posts/<id:post_id>/revisions")
@open_to(Audience.MEMBERS)
@contract.validate(
    resp=replies(200, Revisions, 403, 404, 409, 412, takes_body=True), tags=["revisions"]
)
def restore(post_id: int, json: Restoration) -> Response:
    """Give a post an earlier text back, as a new version, unless somebody was faster."""
    with transaction() as session:
        post = get_any_post(session, g.member, post_id)
        restore_revision(
            session,
            post=post,
            revision=revisions.get_revision(session, post, json.restore),
            by=g.member,
            version=version_of(json.version),
            at=utc_now(),
        )
    return _listed(post_id)


def _listed(post_id: int) -> Response:
    session = db.session()
    post = get_any_post(session, g.member, post_id)
    rows = revisions.list_revisions(session, post, with_bodies=True)
    shapes = [RevisionShape.of(row) for row in rows]
    return tagged(Revisions(post=post.id, version=post.version, revisions=shapes))
