import pytest

from peerqa.services import answers
from tests.conftest import NOON


@pytest.fixture
def answer(session, question, bob):
    return answers.post_answer(session, question=question, author=bob, body="One.", at=NOON)
