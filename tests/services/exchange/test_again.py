"""A second run: what is the same stays, what changed follows, what people did here is theirs."""

import pytest
from sqlalchemy import select

from peerqa.errors import Conflict
from peerqa.models import Answer, ImportBatch, Member, Question, Standing
from peerqa.services import answers, questions, votes
from peerqa.services.exchange.batches import write_batch
from peerqa.services.exchange.preparing import Mark, Target
from peerqa.services.exchange.spool import open_spool
from peerqa.services.exchange.undoing import undo_batch
from peerqa.services.upkeep.standings import make_standing
from tests.conftest import NOON
from tests.services.exchange.conftest import (
    Bring,
    count,
    figures,
    ignore,
    rows_of_every_table,
)
from tests.services.exchange.dumps import answer, comment, link, question, user, vote

THREAD = {
    "Users": [user(5, "Ann")],
    "Posts": [
        question(1, "Why?", OwnerUserId=5, AcceptedAnswerId=2),
        answer(2, 1),
        question(3, "Why again?"),
    ],
    "Comments": [comment(1, 2)],
    "PostLinks": [link(1, 3, 1)],
    "Votes": [vote(1, 2)],
}


def find(session, title: str) -> Question:
    return session.scalars(select(Question).where(Question.title == title)).one()


def test_a_second_run_changes_nothing(session, bring: Bring):
    bring(**THREAD)
    before = rows_of_every_table(session)

    report = bring(**THREAD)

    assert rows_of_every_table(session) == before
    assert report.batch is None
    assert count(session, ImportBatch) == 1
    assert all(c.added == c.updated == c.kept == 0 for c in report.counts().values())
    assert figures(report.questions) == (0, 2, 0, 0)
    assert figures(report.votes) == (0, 1, 0, 0)


def test_a_newer_dump_adds_only_what_is_new(session, bring):
    bring(**THREAD)

    report = bring(
        **THREAD
        | {
            "Posts": [*THREAD["Posts"], answer(4, 3, OwnerUserId=5), question(5, "More?")],
            "Comments": [*THREAD["Comments"], comment(2, 4)],
        }
    )

    assert figures(report.questions) == (1, 2, 0, 0)
    assert figures(report.answers) == (1, 1, 0, 0)
    assert figures(report.comments) == (1, 1, 0, 0)
    assert figures(report.members) == (0, 1, 0, 0)
    assert find(session, "Why again?").answer_count == 1
    assert count(session, Member) == 1


def test_what_changed_at_the_source_follows(session, bring):
    bring(**THREAD)

    report = bring(
        **THREAD
        | {"Posts": [question(1, "Why not?", OwnerUserId=5, Tags="<new>"), *THREAD["Posts"][1:]]}
    )

    asked = find(session, "Why not?")
    assert [topic.name for topic in asked.topics] == ["new"]
    assert (asked.version, asked.edited_at) == (2, NOON)
    assert figures(report.questions) == (0, 1, 1, 0)


def test_what_people_edited_here_is_kept(session, bring, steward, organization):
    bring("Workshop", **THREAD)
    asked = find(session, "Why?")
    questions.edit_question(
        session, question=asked, by=steward, title="Why, here?", body="", topic_names=[],
        version=1, at=NOON,
    )  # fmt: skip

    report = bring(
        "Workshop", **THREAD | {"Posts": [question(1, "Why there?"), *THREAD["Posts"][1:]]}
    )

    assert find(session, "Why, here?").id == asked.id
    assert figures(report.questions) == (0, 1, 0, 1)


def test_imported_votes_rise_beside_those_given_here(session, bring, bob):
    bring(**THREAD)
    given = session.scalars(select(Answer)).one()
    votes.set_vote(session, post=given, by=bob, wanted=True, at=NOON)

    report = bring(**THREAD | {"Votes": [vote(1, 2), vote(2, 2), vote(3, 2)]})

    assert session.get(Answer, given.id).vote_count == 4
    assert figures(report.votes) == (2, 1, 0, 0)


def test_an_answer_that_people_accepted_here_stays_accepted(session, bring, steward):
    posts = [question(1, "Why?"), answer(2, 1), answer(3, 1)]
    bring("Workshop", Posts=posts)
    ours = session.scalars(select(Answer).order_by(Answer.id.desc())).first()
    answers.accept_answer(session, answer=ours, by=steward, at=NOON)

    report = bring("Workshop", Posts=[question(1, "Why?", AcceptedAnswerId=2), *posts[1:]])

    assert find(session, "Why?").accepted_id == ours.id
    assert figures(report.accepted) == (0, 0, 0, 1)


def test_the_source_may_accept_another_answer(session, bring):
    posts = [answer(2, 1), answer(3, 1)]
    bring(Posts=[question(1, "Why?", AcceptedAnswerId=2), *posts])
    first = find(session, "Why?").accepted_id

    report = bring(Posts=[question(1, "Why?", AcceptedAnswerId=3), *posts])

    assert find(session, "Why?").accepted_id not in {None, first}
    assert figures(report.accepted) == (0, 0, 1, 0)


def test_what_people_deleted_does_not_come_back(session, bring, steward):
    bring("Workshop", **THREAD)
    asked = find(session, "Why again?")
    questions.delete_question(session, question=asked, by=steward, at=NOON)

    changed = question(3, "Why again and again?")
    report = bring("Workshop", **THREAD | {"Posts": [*THREAD["Posts"][:2], changed]})

    assert session.get(Question, asked.id).deleted_at == NOON
    assert figures(report.questions) == (0, 1, 0, 1)


def test_somebody_who_joined_since_gets_what_is_new(session, bring, organization):
    people = {"Users": [user(5, "Bob", Email="bob@example.org")]}
    bring(**people, Posts=[question(1, OwnerUserId=5)])
    from tests.conftest import make_member

    bob = make_member(session, organization, "Bob Builder")
    bring(**people, Posts=[question(1, OwnerUserId=5), answer(2, 1, OwnerUserId=5)])

    assert session.scalars(select(Answer)).one().author_id == bob.id


def test_the_same_dump_in_another_space_stays_where_it_is(session, bring):
    bring("First", **THREAD)
    report = bring("Second", **THREAD)

    assert figures(report.questions) == (0, 2, 0, 0)
    assert report.sentences() == ["Questions that stay in another space, as imported before: 2."]


def test_a_duplicate_does_not_tell_what_a_closed_space_asks(session, bring, closed_space):
    posts = [question(1, "Who earns what?")]
    bring(closed_space.name, Posts=posts)

    bring("Open", Posts=[*posts, question(2, "What do we earn?")], PostLinks=[link(1, 2, 1)])

    assert find(session, "What do we earn?").duplicate_of_id is None


def test_an_import_that_came_between_is_noticed(session, bring, organization, tmp_path):
    bring(**THREAD)
    target = Target(organization.name, "Meta", "stackexchange")

    with open_spool(tmp_path) as spool, pytest.raises(Conflict, match="run this one again"):
        write_batch(session, spool, target, mark=Mark(0, 0), at=NOON, step=ignore)


def test_an_answer_that_a_file_or_its_undoing_changes_is_verified_no_more(session, bring_csv):
    def verified():
        session.expire_all()
        return [each.verified_until is not None for each in session.scalars(by_id)]

    def verify():
        for each in session.scalars(select(Answer).order_by(Answer.id)):
            make_standing(session, each).verified_until = NOON
        session.flush()

    by_id = select(Standing).order_by(Standing.post_id)
    bring_csv("id,question,answer,votes\n7,Why?,One.,1\n7,Why?,Two.,1\n8,Else?,Three.,1\n")
    verify()
    corrected = "id,question,answer,votes\n7,Why?,One!,1\n7,Why?,Two.,2\n8,Else now?,Three.,1\n"
    batch = bring_csv(corrected).batch
    assert verified() == [False, True, False]

    verify()
    undo_batch(session, batch, at=NOON)
    assert verified() == [False, True, False]
