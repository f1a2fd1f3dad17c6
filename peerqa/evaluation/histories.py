"""Histories to replay: who asked and answered what and when, and when it turned out to help.

Only what has a date counts. Of a member's own organization those are votes and the ledger's lines;
of a Stack Exchange dump its Votes.xml, which dates acceptances and votes by the day. An imported
count of votes has no dates, so in an organization that was imported it says nothing here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.evaluation.corpus import index_all
from peerqa.models import (
    Answer,
    ImportedThing,
    LedgerEntry,
    Organization,
    Question,
    QuestionTopic,
    Topic,
    Vote,
)
from peerqa.search.engine import SearchEngine
from peerqa.services.exchange.batches import write_batch
from peerqa.services.exchange.dump import Dump, open_dump
from peerqa.services.exchange.preparing import Target, recall, render_texts
from peerqa.services.exchange.spool import open_spool
from peerqa.services.exchange.stackexchange import SOURCE, UPVOTE, read_stackexchange
from peerqa.services.exchange.xml_rows import read_rows
from peerqa.services.organizations import get_organization
from peerqa.services.recognition.worth import Reason
from peerqa.settings import Settings
from peerqa.temporary_home import Tell

ACCEPTED = "1"  # VoteTypeId: by whoever asked
Credit = tuple[datetime, bool]  # when, and whether it was accepted (else it helped somebody)


@dataclass(frozen=True)
class Asked:
    """A question."""

    id: int
    at: datetime
    asker_id: int | None
    title: str
    plain: str
    topics: frozenset[str]


@dataclass
class Given:
    """An answer, and what it turned out to be worth."""

    id: int
    question_id: int
    author_id: int
    at: datetime
    credits: list[Credit] = field(default_factory=list)


@dataclass(frozen=True)
class History:
    """What happened in an organization, the oldest first."""

    organization_id: int
    questions: Sequence[Asked]
    answers: Mapping[int, Sequence[Given]]  # by question


def read_history(
    session: Session,
    organization: Organization,
    dated: Mapping[int, Sequence[Credit]] | None = None,
) -> History:
    """Read what happened in an organization.

    Args:
        dated: answer → what its dump dates; None: what the organization itself has recorded.
    """
    about: dict[int, set[str]] = defaultdict(set)
    for question_id, name in session.execute(
        select(QuestionTopic.question_id, Topic.name)
        .join(Topic, Topic.id == QuestionTopic.topic_id)
        .where(Topic.organization_id == organization.id)
    ):
        about[question_id].add(name)
    rows = session.execute(
        select(Question.id, Question.created_at, Question.author_id, Question.title, Question.plain)
        .where(
            Question.organization_id == organization.id,
            Question.deleted_at.is_(None),
            Question.kind == "question",
        )
        .order_by(Question.created_at, Question.id)
    )
    asked = [Asked(*row, frozenset(about[row.id])) for row in rows]
    answers: dict[int, list[Given]] = defaultdict(list)
    known = dated if dated is not None else _recorded(session, organization)
    for answer_id, question_id, author_id, at in session.execute(
        select(Answer.id, Answer.question_id, Answer.author_id, Answer.created_at)
        .where(
            Answer.organization_id == organization.id,
            Answer.deleted_at.is_(None),
            Answer.author_id.is_not(None),
        )
        .order_by(Answer.created_at, Answer.id)
    ):
        given = Given(answer_id, question_id, author_id or 0, at, [*known.get(answer_id, ())])
        answers[question_id].append(given)
    return History(organization.id, asked, answers)


def _recorded(session: Session, organization: Organization) -> Mapping[int, Sequence[Credit]]:
    """Return when each answer of an organization was accepted, and when it helped somebody."""
    found: dict[int, list[Credit]] = defaultdict(list)
    for post_id, at in session.execute(
        select(Vote.post_id, Vote.created_at)
        .join(Answer, Answer.id == Vote.post_id)
        .where(Answer.organization_id == organization.id)
    ):
        found[post_id].append((at, False))
    for post_id, at in session.execute(
        select(LedgerEntry.post_id, LedgerEntry.at).where(
            LedgerEntry.organization_id == organization.id,
            LedgerEntry.reason == Reason.ACCEPTED.value,
            LedgerEntry.is_counter.is_(False),
        )
    ):
        found[post_id].append((at, True))
    return found


def bring_in(app: Flask, path: Path, tell: Tell) -> History:
    """Import a dump into the empty installation of the app, index it, and read its history.

    Raises:
        BrokenSource: what is amiss with it.
        ModelUnavailable: there is nothing to encode with.
    """
    engine = app.extensions["peerqa.search"]
    settings = app.extensions["peerqa.settings"]
    assert isinstance(engine, SearchEngine)
    assert isinstance(settings, Settings)
    engine.encoders.open()
    target = Target("Evaluation", "Evaluation", SOURCE)
    tell("Reading the dump.")
    with open_spool(settings.home) as spool, open_dump(path, spool.folder) as dump:
        read_stackexchange(dump, spool, at=utc_now(), step=_quiet)
        mark = recall(db.session(), spool, target)
        db.session().rollback()
        render_texts(spool, step=_quiet)
        with transaction() as session:
            write_batch(session, spool, target, mark=mark, at=utc_now(), step=_quiet)
        by_number = _read_votes(dump)
    index_all(app, engine, tell)
    session = db.session()
    dated = {
        thing_id: by_number[int(external_id.partition("@")[0])]
        for external_id, thing_id in session.execute(
            select(ImportedThing.external_id, ImportedThing.thing_id).where(
                ImportedThing.kind == "answer"
            )
        )
        if int(external_id.partition("@")[0]) in by_number
    }
    return read_history(session, get_organization(session), dated)


def _read_votes(dump: Dump) -> Mapping[int, Sequence[Credit]]:
    """Return what was voted for each post of the dump, by its number there."""
    found: dict[int, list[Credit]] = defaultdict(list)
    if dump.has("Votes.xml"):
        with dump.open("Votes.xml") as stream:
            for row in read_rows(stream, "Votes.xml"):
                kind = row.text("VoteTypeId")
                if kind in {UPVOTE, ACCEPTED}:
                    at = row.instant("CreationDate")
                    found[row.number("PostId")].append((at, kind == ACCEPTED))
    return found


def _quiet(_label: str, _done: int, _total: int | None) -> None:
    pass
