"""Figures of the organization, for admins."""

from flask import Blueprint, Response, g

from peerqa.api.contract import contract, replies, reply
from peerqa.api.gives import SolvedShape
from peerqa.api.takes import PeriodQuery
from peerqa.clock import utc_now
from peerqa.database import db
from peerqa.gate import Audience, open_to
from peerqa.services import insight

endpoints = Blueprint("api_insight", __name__)


@endpoints.get("/insight/solved")
@open_to(Audience.ADMINS)
@contract.validate(resp=replies(200, SolvedShape, 403), tags=["insight"])
def solved(query: PeriodQuery) -> Response:
    """Say how much was solved without asking, and how that is counted."""
    figure = insight.count_solved(db.session(), by=g.member, days=query.days, at=utc_now())
    return reply(SolvedShape.of(figure))
