"""Topics as admins look after them."""

import pytest
from sqlalchemy import select

from lti.models import Placement
from lti.models.context import PlacedKind
from peerqa.errors import Conflict, Invalid, NotAllowed, NotFound
from peerqa.models import Follow, Topic, TopicKeeper
from peerqa.models.space import Visibility
from peerqa.services import members, questions, topics
from peerqa.services.admin import topic_keeping, topic_list
from tests.conftest import NOON


@pytest.fixture
def ask(session, space, closed_space, alice):
    members.join_space(session, member=alice, space=closed_space)

    def ask(*names, closed=False):
        return questions.post_question(
            session, space=closed_space if closed else space, author=alice, title="How is it?",
            topic_names=names, at=NOON,
        )  # fmt: skip

    return ask


def get(session, name) -> Topic:
    return session.scalars(select(Topic).where(Topic.name == name)).one()


def test_topics_are_listed_with_what_the_admin_may_see_of_them(session, organization, admin, ask):
    gone = ask("gone")
    for names in (["printer", "paper"], ["printer"]):
        ask(*names)
    ask("printer", closed=True)
    secret = ask("secret", closed=True)
    questions.delete_question(session, question=gone, by=gone.author, at=NOON)
    topics.make_topics(session, organization.id, ["unused"])
    topics.add_synonym(session, topic=get(session, "printer"), name="machine")

    def listed(**wanted):
        page = topic_list.list_page(session, admin, **wanted)
        return [(topic.name, count) for topic, count in page.rows], page.next_id

    everything = [("gone", 0), ("paper", 1), ("printer", 2), ("unused", 0)]
    assert listed()[0] == everything
    first, after = listed(limit=2)
    assert first + listed(limit=2, after=after)[0] == everything
    assert listed(typed="MACH")[0] == [("printer", 2)]
    assert listed(typed="%")[0] == []
    assert listed(only_unused=True)[0] == [("gone", 0), ("unused", 0)]
    with pytest.raises(NotFound):
        topic_list.get_topic(session, admin, secret.topics[0].id)
    with pytest.raises(NotAllowed):
        topic_list.list_page(session, secret.author)


def test_a_topic_is_renamed_and_its_old_name_leads_to_it(session, organization, admin, ask):
    asked, other = ask("printer"), ask("paper")
    topic = asked.topics[0]

    def rename(name, about="x"):
        topic_keeping.rename(session, topic=topic, name=name, about=about, by=admin, at=NOON)

    rename("<b>Label</b> Printer", " About  labels ")
    assert (topic.name, topic.about) == ("b-label-b-printer", "About labels")
    assert topics.get_topic(session, organization.id, "printer") is topic
    rename("printer")
    assert topic.name == "printer"
    assert topic_list.read_synonyms(session, [topic.id]) == {topic.id: ["b-label-b-printer"]}
    with pytest.raises(Conflict, match="Join the two"):
        rename(other.topics[0].name)
    for name, about in (("<>", ""), ("x" * 41, ""), ("printer", "x" * 201)):
        with pytest.raises(Invalid):
            rename(name, about)


def test_two_topics_become_one_with_all_that_refers_to_them(
    session, organization, admin, alice, bob, ask
):
    old, both = ask("machine"), ask("machine", "printer")
    machine, printer = old.topics[0], get(session, "printer")
    topics.add_synonym(session, topic=machine, name="device")
    for member, topic in ((alice, machine), (bob, machine), (bob, printer)):
        session.add(Follow(member_id=member.id, topic_id=topic.id, created_at=NOON))
        session.add(TopicKeeper(member_id=member.id, topic_id=topic.id, created_at=NOON))
    placed = Placement(
        key="k", organization_id=organization.id, kind=PlacedKind.TOPIC, topic_id=machine.id,
        created_at=NOON,
    )  # fmt: skip
    session.add(placed)
    session.flush()

    plan = topic_keeping.plan_joining(session, admin, machine.id, "Printer")
    assert (plan.question_count, plan.both_count, plan.synonyms) == (2, 1, ["device"])
    topic_keeping.join(session, topic_id=machine.id, name="printer", by=admin, at=NOON)

    assert [q.topics for q in (old, both)] == [[printer], [printer]]
    for row in (Follow, TopicKeeper):
        kept = session.scalars(select(row.member_id).where(row.topic_id == printer.id)).all()
        assert sorted(kept) == [alice.id, bob.id]
    assert placed.topic_id == printer.id
    for name in ("machine", "device"):
        assert topics.get_topic(session, organization.id, name) is printer


def test_topics_are_never_joined_in_a_circle(session, admin, ask):
    first, second = ask("first").topics[0], ask("second").topics[0]
    was, now = first.id, second.id

    def join(topic_id, name):
        topic_keeping.join(session, topic_id=topic_id, name=name, by=admin, at=NOON)

    with pytest.raises(Conflict, match="cannot be joined"):
        join(was, "first")
    join(was, "second")
    with pytest.raises(Conflict, match="“first” leads to “second” already"):
        join(now, "first")
    with pytest.raises(NotFound):
        join(was, "second")
    with pytest.raises(Invalid, match="no topic “third”"):
        join(now, "third")


def test_a_name_that_is_only_known_in_closed_spaces_is_free(session, organization, admin, ask):
    asked, secret = ask("printer"), ask("payroll", closed=True)
    topic = asked.topics[0]

    with pytest.raises(Invalid, match="no topic “payroll”"):
        topic_keeping.plan_joining(session, admin, topic.id, "payroll")
    topic_keeping.add_synonym(session, topic=topic, name="Payroll", by=admin, at=NOON)

    assert secret.visibility == Visibility.SPACE
    assert secret.topics == [topic]
    assert topics.get_topic(session, organization.id, "payroll") is topic


def test_other_names_are_added_and_taken_away(session, organization, admin, ask):
    topic, other = ask("printer").topics[0], ask("paper").topics[0]

    def add(name):
        topic_keeping.add_synonym(session, topic=topic, name=name, by=admin, at=NOON)

    for name in ("Label Maker", "label-maker", "printer"):
        add(name)
    assert topic_list.read_synonyms(session, [topic.id]) == {topic.id: ["label-maker"]}
    with pytest.raises(Conflict, match="Join the two"):
        add(other.name)
    topic_keeping.remove_synonym(session, topic=topic, name="label-maker", by=admin, at=NOON)
    with pytest.raises(NotFound):
        topics.get_topic(session, organization.id, "label-maker")
    for number in range(topic_keeping.MOST_SYNONYMS):
        add(f"n{number}")
    with pytest.raises(Invalid, match="at most 30"):
        add("one-more")


def test_only_a_topic_that_no_question_is_about_is_deleted(session, admin, alice, ask):
    asked = ask("printer")
    topic = asked.topics[0]
    with pytest.raises(Conflict, match="Questions are about"):
        topic_keeping.delete_topic(session, topic=topic, by=admin, at=NOON)

    questions.delete_question(session, question=asked, by=alice, at=NOON)
    session.add(Follow(member_id=alice.id, topic_id=topic.id, created_at=NOON))
    topics.add_synonym(session, topic=topic, name="machine")
    topic_keeping.delete_topic(session, topic=topic, by=admin, at=NOON)
    assert session.scalars(select(Topic)).all() == []
    assert session.scalars(select(Follow)).all() == []
