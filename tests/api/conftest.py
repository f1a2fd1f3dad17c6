"""A program that acts as a member: a test client with a bearer token."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from peerqa import tokens
from peerqa.clock import utc_now
from peerqa.models import Answer, Member, Question
from peerqa.services import answers
from tests.conftest import NOON

PREFIX = "/api/v1"


class Program:
    """Calls the API as a member; paths begin after the prefix."""

    def __init__(self, client: FlaskClient, token: str | None = None) -> None:
        self.client = client
        self.token = token

    def call(
        self, method: str, path: str, *, extra: dict[str, str] | None = None, **more: object
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= extra or {}
        return self.client.open(PREFIX + path, method=method, headers=headers, **more)

    def get(self, path: str, **query: object) -> TestResponse:
        return self.call("GET", path, query_string=query)

    def post(self, path: str, json: object) -> TestResponse:
        return self.call("POST", path, json=json)

    def patch(self, path: str, json: object) -> TestResponse:
        return self.call("PATCH", path, json=json)

    def put(self, path: str) -> TestResponse:
        return self.call("PUT", path)

    def delete(self, path: str) -> TestResponse:
        return self.call("DELETE", path)


@pytest.fixture
def program(app: Flask, session: Session) -> Callable[[Member], Program]:
    def make(member: Member) -> Program:
        token = tokens.create_token(session, member, name="test", at=utc_now())
        session.commit()
        return Program(app.test_client(), token)

    return make


@pytest.fixture
def stranger(app: Flask, session: Session) -> Program:
    """A program without a token."""
    session.commit()
    return Program(app.test_client())


@pytest.fixture
def answer(session: Session, question: Question, bob: Member) -> Answer:
    return answers.post_answer(
        session, question=question, author=bob, body="Hold **feed** for five seconds.", at=NOON
    )


def assert_problem(response: TestResponse, status: int, code: str) -> dict[str, object]:
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    problem = response.get_json()
    assert problem["status"] == status
    assert problem["code"] == code
    assert problem["type"] == f"urn:peerqa:problem:{code}"
    assert problem["title"]
    assert problem["detail"]
    return problem
