"""For probes: /healthz says that the process is up, /readyz what it can do; and the OpenAPI."""

import json
from functools import cache
from typing import Literal

from flask import Blueprint, Response, current_app
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from peerqa import schema
from peerqa.api.contract import ApiReplies, contract, reply
from peerqa.database import db
from peerqa.gate import Audience, open_to

endpoints = Blueprint("api_health", __name__)
_LATER = {"Retry-After": "2"}

head_revision = cache(schema.head_revision)  # reads a folder; the code does not change under us


class Readiness(BaseModel):
    """What this process can do at this moment, in words."""

    database: Literal["ready", "away", "not migrated"]
    encoder: str | None = None
    index: str | None = None


class Health(BaseModel):
    """That this process is up."""

    status: Literal["up"] = "up"


@endpoints.get("/healthz")
@open_to(Audience.MACHINES)
@contract.validate(resp=ApiReplies(HTTP_200=Health), tags=["probes"], security=[])
def healthz() -> Response:
    """Say that the process is up; asks nobody."""
    return reply(Health())


@endpoints.get("/readyz")
@open_to(Audience.MACHINES)
@contract.validate(
    resp=ApiReplies(HTTP_200=Readiness, HTTP_503=Readiness), tags=["probes"], security=[]
)
def readyz() -> Response:
    """Say whether the database is there, and how well look-ups can be answered."""
    try:
        is_migrated = schema.current_revision(db.engine) == head_revision()
    except SQLAlchemyError:
        return reply(Readiness(database="away"), 503, headers=_LATER)
    if not is_migrated:
        return reply(Readiness(database="not migrated"), 503, headers=_LATER)
    return reply(Readiness(database="ready", **_search_status()))


@endpoints.get("/api/v1/openapi.json")
@open_to(Audience.MACHINES)
def openapi() -> Response:
    """Describe the API in OpenAPI 3.1."""
    return Response(json.dumps(contract.spec), mimetype="application/json")


def _search_status() -> dict[str, str]:
    engine = current_app.extensions["peerqa.search"]
    return dict(engine.status()) if hasattr(engine, "status") else {}
