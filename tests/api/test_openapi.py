"""Requests made up from the OpenAPI: none breaks the house, and every reply is as described (S5).

Two checks of schemathesis stay out: white space that a service tidies away makes a valid title an
empty one (positive data may be refused), and the token is sent by us (auth is tested elsewhere).
"""

import time
from collections.abc import Callable

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from peerqa.models import Answer, Question
from peerqa.services import comments, topics
from tests.api.conftest import Program
from tests.conftest import NOON

SLOWEST_SECONDS = 5.0  # five times what is promised: only a hang is slower
REPLY_CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]


@pytest.fixture
def tried(app: Flask, program, session, alice, question: Question, answer: Answer):
    """Return a function that tries every operation; half of the ids in paths exist."""
    token = program(alice).token
    remark = comments.post_comment(session, parent=answer, author=alice, body="Yes.", at=NOON)
    ids = {"question_id": question.id, "answer_id": answer.id, "comment_id": remark.id}
    ids["post_id"] = answer.id
    ids["topic_id"] = topics.make_topics(session, alice.organization_id, ["labels"])[0].id
    session.commit()
    spec = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)

    def call(case: Case) -> None:
        began = time.thread_time()
        response = case.call(headers={"Authorization": f"Bearer {token}"})
        assert time.thread_time() - began < SLOWEST_SECONDS, case.as_curl_command()
        case.validate_response(response, checks=REPLY_CHECKS)

    def run(mode: GenerationMode, rounds: settings) -> None:
        for operation in (result.ok() for result in spec.get_all_operations()):
            takes_something = operation.path_parameters or operation.query or operation.body
            if takes_something or mode is GenerationMode.POSITIVE:
                rounds(given(case=_cases(operation, mode, ids))(call))()

    return run


def _cases(
    operation: APIOperation, mode: GenerationMode, ids: dict[str, int]
) -> st.SearchStrategy[Case]:
    def put_id(case: Case, *, exists: bool) -> Case:
        if exists and mode is GenerationMode.POSITIVE:
            for name in case.path_parameters:
                case.path_parameters[name] = ids[name]
        return case

    cases = operation.as_strategy(mode).filter(_is_sent_whole)
    return st.builds(put_id, cases, exists=st.booleans())


def _is_sent_whole(case: Case) -> bool:
    """Whether all that was made up reaches the address; an empty list or object leaves no trace.

    An unknown parameter with such a value counts as wrong, and what is sent is right.
    """
    return all(value not in ([], {}) for value in (case.query or {}).values())


def _rounds(count: int, *, same: bool) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=same,
        suppress_health_check=list(HealthCheck),
    )


Tried = Callable[[GenerationMode, settings], None]


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_reply_is_as_described(tried: Tried, mode: GenerationMode, database_kind: str):
    # What differs between databases is what they refuse: a few requests of each kind show it.
    tried(mode, _rounds(5 if database_kind == "sqlite" else 2, same=True))


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_reply_is_as_described_in_many_rounds(tried: Tried, mode: GenerationMode):
    tried(mode, _rounds(400, same=False))


@pytest.mark.parametrize(
    "body",
    [
        "[" * 20_000,
        "*a" * 10_000,
        "`" * 20_000,
        "> " * 10_000,
        "- " * 10_000,
        "![" * 10_000,
        "[a](" * 5_000,
        "|a" * 10_000,
        "<" * 20_000,
        "&" * 20_000,
        "\\" * 20_000,
        "1. " * 6_666,
        "```a\n" * 4_000,
        "a\n===\n" * 3_333,
        "http://" * 2_857,
        "𝕳" * 20_000,
        "\u202e" * 20_000,
        "_*" * 10_000,
        "~~" * 10_000,
        "[x]: <" * 3_333,
    ],
    ids=lambda body: repr(body[:6]),
)
def test_no_text_takes_long(program: Callable[..., Program], question, bob, body):
    began = time.thread_time()
    reply = program(bob).post(f"/questions/{question.id}/answers", {"body": body})

    assert reply.status_code in {201, 422}
    assert time.thread_time() - began < SLOWEST_SECONDS
