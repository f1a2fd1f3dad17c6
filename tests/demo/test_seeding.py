from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from sqlalchemy import func, select

from peerqa import demo as demo_package
from peerqa.demo.company import load_company
from peerqa.demo.people import list_people
from peerqa.demo.seeding import RealOrganization, list_questions, seed
from peerqa.models import Answer, Comment, Notification, OutboxRow, Post, Question, Vote
from peerqa.models.space import Visibility
from peerqa.services.notifications import count_unread
from tests.conftest import NOON

EXAMPLES = Path(demo_package.__file__).parent / "examples.yaml"


def count(session, table) -> int:
    return session.scalar(select(func.count()).select_from(table))


def test_the_whole_company_is_founded_as_it_is_written_and_once(session, founded):
    company = load_company()
    questions = list_questions(session, founded)

    assert set(questions) == {thread.key for thread in company.threads}
    assert count(session, Answer) == sum(len(thread.replies) for thread in company.threads)
    for thread in company.threads:
        question = questions[thread.key]
        assert question.created_at == NOON - thread.ago
        assert question.is_solved == any(reply.is_accepted for reply in thread.replies)
        assert question.answer_count == len(thread.replies)
        assert question.vote_count == len(thread.same)
        original = questions[thread.duplicate_of] if thread.duplicate_of else None
        assert question.duplicate_of is original
    assert_nothing_lies_ahead(session)
    assert_a_closed_space_stays_closed(session, founded)
    assert_inboxes_are_alive(session, founded)
    assert_founding_it_again_adds_nothing(session)


def assert_nothing_lies_ahead(session):
    assert session.scalar(select(func.max(Post.created_at))) <= NOON
    assert session.scalar(select(func.max(Vote.created_at))) <= NOON
    assert session.scalar(select(func.max(Question.active_at))) <= NOON


def assert_a_closed_space_stays_closed(session, founded):
    closed = [
        question
        for question in list_questions(session, founded).values()
        if question.space.visibility == Visibility.SPACE
    ]
    assert closed
    assert {question.visibility for question in closed} == {Visibility.SPACE}


def assert_inboxes_are_alive(session, founded):
    people = list_people(session)
    unread = [count_unread(session, member) for _, member in people]
    total = session.scalar(
        select(func.count()).select_from(Notification).where(Notification.read_at.is_(None))
    )

    assert [label for label, _ in people] == [
        "employee", "experienced colleague", "steward", "admin",
    ]  # fmt: skip
    assert all(1 <= count <= 4 for count in unread)
    assert total == sum(unread)


def assert_founding_it_again_adds_nothing(session):
    tables = (Post, Comment, Vote, Notification, OutboxRow)
    before = [count(session, table) for table in tables]

    assert not seed(session, at=NOON + timedelta(days=1))

    assert [count(session, table) for table in tables] == before


def test_a_newer_edition_adds_its_threads_alone(session, tmp_path):
    write_company(tmp_path, "first")
    seed(session, at=NOON, folder=tmp_path)
    write_company(tmp_path, "first", "second")

    assert seed(session, at=NOON + timedelta(days=1), folder=tmp_path)

    titles = session.scalars(select(Question.title).order_by(Question.id)).all()
    assert titles == ["Where is the first key?", "Where is the second key?"]


def write_company(folder, *names: str) -> None:
    company = {
        "organization": "Keys and Sons",
        "departments": ["Office"],
        "spaces": [{"name": "All", "description": "All of us.", "visibility": "organization"}],
        "people": [{"key": "ana", "name": "Ana", "department": "Office", "inactive": True}],
    }
    threads = [
        {"key": name, "title": f"Where is the {name} key?", "by": "ana", "space": "All",
         "ago": "3d"}
        for name in names
    ]  # fmt: skip
    (folder / "company.yaml").write_text(yaml.safe_dump(company))
    topic = {"topic": "keys", "about": "Keys.", "threads": threads}
    (folder / "keys.yaml").write_text(yaml.safe_dump(topic))


def test_a_real_organization_is_left_alone(session, organization):
    with pytest.raises(RealOrganization, match="belongs to Northwind"):
        seed(session, at=NOON)

    assert count(session, Post) == 0


def test_every_example_expects_a_thread_that_is_there():
    keys = {thread.key for thread in load_company().threads}
    examples = yaml.safe_load(EXAMPLES.read_text(encoding="utf-8"))["examples"]

    assert len(examples) >= 12
    assert [each["expects"] for each in examples if each["expects"] not in keys] == []
