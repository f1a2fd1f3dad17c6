"""Look-ups: earlier questions that answer, and search.

People wait for these between two key strokes, so what is found goes out as it is: written by json,
made by no model. The shapes in gives.py describe it, and a test holds the two together.
"""

import json as json_format

from flask import Blueprint, Response, current_app, g

from peerqa.api.contract import contract, replies
from peerqa.api.gives import FoundShape, ResultsShape
from peerqa.api.takes import SearchQuery, SimilarQuery
from peerqa.database import db
from peerqa.gate import Audience, open_to, settings
from peerqa.search.as_json import found_as_json, results_as_json
from peerqa.search.engine import SearchEngine
from peerqa.search.hits import reader_of
from peerqa.services.finding.filters import read_filters
from peerqa.services.finding.operators import Term

endpoints = Blueprint("api_search", __name__)


@endpoints.get("/similar")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, FoundShape), tags=["look-ups"])
def similar(query: SimilarQuery) -> Response:
    """Find earlier questions that answer this one; silent when unsure."""
    found = _engine().similar(db.session(), reader_of(g.member), title=query.title, body=query.body)
    return _written(found_as_json(found, settings().address))


@endpoints.get("/search")
@open_to(Audience.MEMBERS)
@contract.validate(resp=replies(200, ResultsShape), tags=["look-ups"])
def search(query: SearchQuery) -> Response:
    """Search by meaning and by words among what passes the filters."""
    session = db.session()
    results = _engine().search(
        session,
        reader_of(g.member),
        query=query.q.strip(),
        start=query.start,
        limit=query.limit,
        filters=read_filters(session, g.member, _terms(query)),
        order=query.order,
    )
    return _written(results_as_json(results, settings().address))


def _terms(query: SearchQuery) -> list[Term]:
    named = {
        "topic": query.topic,
        "space": query.space,
        "author": query.author,
        "is": query.state,
        "kind": query.kind,
        "after": query.after,
        "before": query.before,
    }
    return [Term(key, str(value)) for key, value in named.items() if value is not None]


def _engine() -> SearchEngine:
    engine = current_app.extensions["peerqa.search"]
    assert isinstance(engine, SearchEngine)
    return engine


def _written(found: dict[str, object]) -> Response:
    return Response(json_format.dumps(found), mimetype="application/json")
