"""What of a Stack Exchange dump arrives, and as what."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from peerqa.models import (
    Answer,
    Comment,
    Member,
    Notification,
    OutboxRow,
    Question,
    Topic,
    Vote,
)
from peerqa.models.space import Visibility
from peerqa.services import spaces, topics
from tests.conftest import NOON
from tests.services.exchange.conftest import count, figures
from tests.services.exchange.dumps import answer, comment, link, question, row, user, vote


def only(session, model):
    return session.scalars(select(model)).one()


def test_a_thread_arrives_whole(session, bring):
    report = bring(
        Users=[user(5, "Ann"), user(6, "Ben"), user(7, "Never wrote")],
        Posts=[
            question(1, "Why does it squeak?", OwnerUserId=5, AcceptedAnswerId=2, Tags="<a><b-c>"),
            answer(2, 1, OwnerUserId=6, Body="<p>Use <b>oil</b>.</p>"),
            answer(3, 1),
        ],
        Comments=[comment(1, 2, UserId=5, Text="Which `oil`?")],
        Votes=[vote(1, 1), vote(2, 2), vote(3, 2), vote(4, 2, kind=3), vote(5, 99)],
    )

    asked = only(session, Question)
    assert asked.title == "Why does it squeak?"
    assert (asked.author.name, asked.author.is_placeholder) == ("Ann", True)
    assert [topic.name for topic in asked.topics] == ["a", "b-c"]
    assert (asked.answer_count, asked.vote_count, asked.version) == (2, 1, 1)
    accepted = session.get(Answer, asked.accepted_id)
    assert (accepted.body, accepted.plain.strip()) == ("Use **oil**.", "Use oil.")
    assert (accepted.author.name, accepted.vote_count) == ("Ben", 2)
    remark = only(session, Comment)
    assert (remark.parent_id, remark.question_id) == (accepted.id, asked.id)
    assert remark.html == "<p>Which <code>oil</code>?</p>\n"
    assert {member.name for member in session.scalars(select(Member))} == {"Ann", "Ben"}
    assert {name: figures(c)[0] for name, c in report.counts().items()} == {
        "questions": 1, "answers": 2, "comments": 1, "members": 2, "topics": 2, "votes": 3,
        "accepted": 1, "duplicates": 0,
    }  # fmt: skip


def test_dates_are_those_of_the_source(session, bring):
    bring(
        Posts=[
            question(1, CreationDate="2020-01-01T10:00:00.123", LastEditDate="2020-02-01T00:00:00"),
            answer(2, 1, CreationDate="2020-03-01T10:00:00.000"),
        ]
    )

    asked = only(session, Question)
    assert asked.created_at == datetime(2020, 1, 1, 10, 0, 0, 123000, tzinfo=UTC)
    assert asked.edited_at == datetime(2020, 2, 1, tzinfo=UTC)
    assert asked.active_at == datetime(2020, 3, 1, 10, tzinfo=UTC)


def test_nobody_is_told_nobody_has_voted_and_posts_alone_are_indexed(session, bring):
    bring(
        Posts=[question(1), answer(2, 1)], Comments=[comment(1, 1)], Votes=[vote(1, 1), vote(2, 2)]
    )

    assert count(session, Notification) == count(session, Vote) == 0
    rows = session.scalars(select(OutboxRow)).all()
    posts = [session.scalars(select(model.id)).one() for model in (Question, Answer)]
    assert sorted((row.topic, row.key) for row in rows) == [("index", str(i)) for i in posts]


def test_a_deleted_user_leaves_a_name_or_nobody(session, bring):
    bring(
        Posts=[
            question(1, OwnerDisplayName="user1234"),
            answer(2, 1, OwnerDisplayName="user1234"),
            answer(3, 1),
            answer(4, 1, OwnerUserId=77),
        ]
    )

    authors = [a.author and a.author.name for a in session.scalars(select(Answer))]
    assert authors == ["user1234", None, "user77"]
    assert count(session, Member) == 2


def test_people_are_met_again_by_their_address(session, bring, bob):
    report = bring(
        Users=[user(5, "robert", Email="Bob@Example.org"), user(6, "Eve", Email="eve@example.org")],
        Posts=[question(1, OwnerUserId=5), answer(2, 1, OwnerUserId=6)],
    )

    assert only(session, Question).author_id == bob.id
    stranger = only(session, Answer).author
    assert (stranger.name, stranger.is_placeholder, stranger.email) == ("Eve", True, None)
    assert figures(report.members) == (1, 1, 0, 0)


def test_a_duplicate_points_at_the_question_that_stands_for_all(session, bring):
    report = bring(
        Posts=[question(1, "First?"), question(2, "Second?"), question(3, "Third?")],
        PostLinks=[link(1, 3, 2), link(2, 2, 1), link(3, 1, 3, kind=1), link(4, 3, 999)],
    )

    found = {q.title: q for q in session.scalars(select(Question))}
    assert found["Third?"].duplicate_of_id == found["First?"].id
    assert found["Second?"].duplicate_of_id == found["First?"].id
    assert found["First?"].duplicate_of_id is None
    assert figures(report.duplicates) == (2, 0, 0, 0)


def test_duplicates_in_a_circle_and_of_themselves_are_left_out(session, bring):
    bring(
        Posts=[question(1, "First?"), question(2, "Second?"), question(3, "Third?")],
        PostLinks=[link(1, 1, 2), link(2, 2, 1), link(3, 3, 3)],
    )

    assert [q.duplicate_of_id for q in session.scalars(select(Question))] == [None] * 3


def test_a_duplicate_banner_is_dropped(session, bring):
    banner = (
        "<blockquote>\n  <p><strong>Possible Duplicate:</strong><br>\n"
        '  <a href="https://x.example/q/1">The same</a>  </p>\n</blockquote>\n\n<p>Mine.</p>'
    )
    bring(Posts=[question(1, Body=banner)])

    assert only(session, Question).body == "Mine."


@pytest.mark.parametrize("tags", ["<c++><.net>", "|c++|.net|", "&lt;c++&gt;"])
def test_tags_come_in_two_spellings(session, bring, tags):
    bring(Posts=[question(1, Tags=tags.replace("&lt;", "<").replace("&gt;", ">"))])

    assert "c++" in {topic.name for topic in session.scalars(select(Topic))}


def test_a_tag_that_is_a_synonym_here_becomes_its_topic(session, bring, organization):
    (wheel,) = topics.make_topics(session, organization.id, ["wheel"])
    topics.add_synonym(session, topic=wheel, name="wheels")

    report = bring(Posts=[question(1, Tags="<wheels><wheel>")])

    assert [topic.id for topic in only(session, Question).topics] == [wheel.id]
    assert figures(report.topics) == (0, 2, 0, 0)


def test_posts_of_other_kinds_and_what_hangs_on_nothing_are_left_out(session, bring):
    report = bring(
        Posts=[
            question(1),
            answer(2, 999),
            row(Id=3, PostTypeId=5, CreationDate="2020-01-01T00:00:00", Body="a tag"),
        ],
        Comments=[comment(1, 2), comment(2, 3), comment(3, 1)],
    )

    assert (count(session, Question), count(session, Answer), count(session, Comment)) == (1, 0, 1)
    assert report.sentences() == [
        "Answers left out because their question is not in the dump: 1.",
        "Comments left out because their post is not in the dump: 2.",
    ]


def test_without_votes_the_score_counts(session, bring):
    report = bring(Posts=[question(1, Score=4), answer(2, 1, Score=-3)])

    assert (only(session, Question).vote_count, only(session, Answer).vote_count) == (4, 0)
    assert report.sentences() == [
        "There is no Votes.xml: posts whose score was taken as their votes: 1."
    ]


def test_a_long_title_is_cut_and_begins_the_text(session, bring):
    title = "Why is <this> so " + "very " * 80 + "long?"
    report = bring(Posts=[question(1, title)])

    asked = only(session, Question)
    assert len(asked.title) <= 300
    assert asked.title.endswith("very…")
    assert asked.plain.startswith(" ".join(title.split()))
    assert report.sentences()[0].endswith("begins the text: 1.")


def test_a_long_text_is_kept_whole_and_named(session, bring):
    report = bring(Posts=[question(1, Body="<p>" + "word " * 6000 + "</p>")])

    assert len(only(session, Question).body) == 6000 * 5 - 1
    assert report.sentences() == [
        "Texts kept whole though they are longer than people may write: 1."
    ]


def test_in_a_closed_space_questions_are_seen_there_only(session, bring, closed_space):
    bring(closed_space.name, Posts=[question(1)])

    assert only(session, Question).visibility == Visibility.SPACE


def test_what_is_missing_is_made_and_what_is_there_is_used(session, bring, space, organization):
    bring(space.name, Posts=[question(1)])
    assert only(session, Question).space_id == space.id

    bring("Elsewhere", Posts=[question(2, "Another one?")])
    made = spaces.make_space(session, organization=organization, name="Elsewhere", at=NOON)
    assert made.created_at == NOON
    assert {q.space_id for q in session.scalars(select(Question))} == {space.id, made.id}


def test_two_sites_in_one_organization_never_collide(session, bring):
    bring(Posts=[question(1, "Of the first?", CreationDate="2010-01-01T00:00:00.001")])
    report = bring(Posts=[question(1, "Of the second?", CreationDate="2011-05-05T00:00:00.002")])

    assert figures(report.questions) == (1, 0, 0, 0)
    assert {q.title for q in session.scalars(select(Question))} == {
        "Of the first?", "Of the second?",
    }  # fmt: skip


def test_scripts_of_a_dump_never_arrive(session, bring):
    bring(
        Posts=[
            question(
                1,
                '<img src=x onerror="alert(1)">',
                Body='<script>alert(1)</script><p onclick="alert(1)">hi '
                '<a href="javascript:alert(1)">there</a></p>&lt;script&gt;',
            )
        ],
        Comments=[comment(1, 1, Text="<script>alert(1)</script> [x](javascript:alert(1))")],
    )

    for post in (only(session, Question), only(session, Comment)):
        assert "<script" not in post.html
        assert "javascript:" not in post.html.replace("(javascript:alert(1))", "")
        assert "onclick" not in post.html
