"""A steward who asked without a name moderates like any other one, and like any other asker."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa.errors import Conflict
from peerqa.models import Notification
from peerqa.models.space import Visibility
from peerqa.permissions import wears_mask
from peerqa.secrets import InstanceKey
from peerqa.services import answers
from peerqa.services.asking import masks
from peerqa.services.asking.anonymous import ask_anonymously
from peerqa.services.moderating import locks, rulings
from peerqa.services.upkeep import verifying
from tests.conftest import NOON

KEY = InstanceKey(b"k" * 32)
AT = NOON + timedelta(minutes=37)
WHY = "It names a customer."


@pytest.fixture
def asked(session, space, steward):
    masks.wear(steward, KEY)
    question, _ = ask_anonymously(
        session, space=space, author=steward, title="Who is stealing?", body="", topic_names=[],
        visibility=Visibility.ORGANIZATION, key=KEY, at=NOON,
    )  # fmt: skip
    masks.wear(steward, KEY)
    assert wears_mask(steward, question)
    return question


@pytest.fixture
def answer(session, asked, bob):
    return answers.post_answer(session, question=asked, author=bob, body="Ask HR.", at=NOON)


def news(session, reason):
    return session.scalars(select(Notification).where(Notification.reason == reason)).one()


def test_what_they_sign_elsewhere_is_told_with_their_name_and_time(session, steward, answer):
    verifying.verify_answer(
        session, answer=answer, by=steward, until=NOON + timedelta(days=100), at=AT
    )
    rulings.rule(session, post=answer, act="hidden", by=steward, why=WHY, at=AT)

    for reason in ("verified", "moderated"):
        told = news(session, reason)
        assert (told.actor_id, told.created_at) == (steward.id, AT)


def test_what_they_do_as_the_asker_is_told_without(session, steward, answer):
    answers.accept_answer(session, answer=answer, by=steward, at=AT)

    told = news(session, "accepted")
    assert (told.actor_id, told.created_at) == (None, NOON)


def test_they_edit_in_their_locked_thread_no_more_than_an_asker_may(session, admin, asked, steward):
    rulings.rule(session, post=asked, act="locked", by=admin, why=WHY, at=NOON)

    with pytest.raises(Conflict, match="locked this thread"):
        locks.refuse_locked(asked, editor=steward)
    locks.refuse_locked(asked, editor=admin)
