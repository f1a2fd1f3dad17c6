"""JSON API, version 1, for programs that act as a member by a bearer token."""

from flask import Flask

from peerqa.api import (
    answers,
    comments,
    health,
    insight,
    marks,
    members,
    questions,
    revisions,
    search,
    upkeep,
    votes,
)
from peerqa.api.problems import problem_of

PREFIX = "/api/v1"


def install(app: Flask) -> None:
    """Register the endpoints, and what turns errors under /api/ into problems."""
    app.extensions["peerqa.problem"] = problem_of
    for subject in (
        questions, answers, comments, revisions, votes, marks, search, members, insight, upkeep,
    ):  # fmt: skip
        app.register_blueprint(subject.endpoints, url_prefix=PREFIX)
    app.register_blueprint(health.endpoints)
