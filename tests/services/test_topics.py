import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerqa.errors import Invalid, NotFound
from peerqa.models import Topic
from peerqa.models.space import Visibility
from peerqa.services import members, questions, topics
from peerqa.services.topics import make_topics, read_topic_names, topic_name
from tests.conftest import NOON

NAMES = {
    "Label Printer": "label-printer",
    "  label_printer  ": "label-printer",
    "label - printer": "label-printer",
    "C++": "c++",
    "C#": "c#",
    ".NET": "net",
    "node.js": "node.js",
    "Größe": "größe",
    "Ｗｉｄｅ": "wide",
    "ﬁle": "file",
    "हिन्दी": "हिन्दी",
    "ภาษาไทย": "ภาษาไทย",
    "日本語": "日本語",
    "<script>alert(1)</script>": "script-alert-1-script",
    "<b>": "b",
    "a\x00b": "a-b",
    "a/b?c=d&e": "a-b-c-d-e",
    "..a..": "a",
    "a" * 40: "a" * 40,
}


@pytest.mark.parametrize(("typed", "name"), NAMES.items(), ids=range(len(NAMES)))
def test_a_name_is_made_of_lower_case_words_and_hyphens(typed, name):
    assert topic_name(typed) == name


@pytest.mark.parametrize(
    "typed", ["", " ", "-", "...", "<>", "\x00", "😀", "a" * 41, "ﷺ" * 3, "+", "#"]
)
def test_a_name_without_a_letter_or_too_long_is_refused(typed):
    with pytest.raises(Invalid) as refused:
        topic_name(typed)

    assert refused.value.field == "topics"


@given(st.text(st.characters(), max_size=60))
def test_a_name_stays_as_it_is_when_it_is_read_again(typed):
    try:
        name = topic_name(typed)
    except Invalid:
        return
    assert topic_name(name) == name
    assert not set(name) & set("<>\"'&/?%\\ \t\n\x00,")


def test_names_are_split_at_commas_and_each_kept_once_in_order():
    assert read_topic_names(" Printer, labels,, printer ,Label Printer") == [
        "printer",
        "labels",
        "label-printer",
    ]
    assert read_topic_names("") == []


def test_a_question_has_at_most_five_topics():
    assert len(read_topic_names("a,b,c,d,e,A,,")) == 5
    with pytest.raises(Invalid, match="at most 5"):
        read_topic_names("a,b,c,d,e,f")


def test_new_names_make_topics_and_old_names_give_them(session, organization):
    first = make_topics(session, organization.id, ["printer", "labels"])
    again = make_topics(session, organization.id, ["labels", "paper", "printer"])

    assert [topic.name for topic in first] == ["printer", "labels"]
    assert [topic.name for topic in again] == ["labels", "paper", "printer"]
    assert (again[0], again[2]) == (first[1], first[0])
    assert make_topics(session, organization.id, []) == []


def test_a_synonym_gives_its_topic_and_not_twice(session, organization):
    (printer,) = make_topics(session, organization.id, ["printer"])
    for _ in range(2):
        topics.add_synonym(session, topic=printer, name="Label Maker")

    assert make_topics(session, organization.id, ["label-maker", "printer"]) == [printer]
    assert topics.get_topic(session, organization.id, "label-maker") is printer
    assert topics.get_topic(session, organization.id, "printer") is printer


def test_a_synonym_stays_with_the_topic_that_had_it_first(session, organization):
    printer, copier = make_topics(session, organization.id, ["printer", "copier"])
    topics.add_synonym(session, topic=printer, name="machine")
    topics.add_synonym(session, topic=copier, name="machine")

    assert topics.get_topic(session, organization.id, "machine") is printer


def test_a_name_that_became_a_synonym_means_the_same_everywhere(session, organization):
    """A topic of that name may be older; its page and new questions must not part ways."""
    printer, machine = make_topics(session, organization.id, ["printer", "machine"])
    topics.add_synonym(session, topic=printer, name="machine")

    asked = make_topics(session, organization.id, ["machine"])
    assert asked == [topics.get_topic(session, organization.id, "machine")]
    assert machine not in asked


@pytest.mark.parametrize(
    "name", ["", "nothing", "PRINTER", "a\x00b", "\ud800", "x" * 999], ids=range(6)
)
def test_a_topic_that_is_not_there_is_not_found(session, organization, name):
    make_topics(session, organization.id, ["printer"])

    with pytest.raises(NotFound):
        topics.get_topic(session, organization.id, name)


def test_topics_and_synonyms_belong_to_one_organization(session, organization, carol):
    (printer,) = make_topics(session, organization.id, ["printer"])
    topics.add_synonym(session, topic=printer, name="machine")

    for name in ("printer", "machine"):
        with pytest.raises(NotFound):
            topics.get_topic(session, carol.organization_id, name)
    assert make_topics(session, carol.organization_id, ["machine"]) != [printer]


def test_topics_are_listed_by_how_much_one_may_see_of_them(session, space, alice, bob, carol):
    members.join_space(session, member=alice, space=space)

    def ask(*names: str, visibility=Visibility.ORGANIZATION):
        return questions.post_question(
            session, space=space, author=alice, title="How is it?", topic_names=names, at=NOON,
            visibility=visibility,
        )  # fmt: skip

    ask("printer", "labels")
    ask("labels")
    ask("printer", visibility=Visibility.SPACE)
    ask("secret", visibility=Visibility.SPACE)
    questions.delete_question(session, question=ask("gone", "printer"), by=alice, at=NOON)

    def listed(member, **more) -> list[tuple[str, int]]:
        return [(t.name, n) for t, n in topics.list_topics(session, member, **more)]

    assert listed(bob) == [("labels", 2), ("printer", 1)]
    assert listed(alice) == [("labels", 2), ("printer", 2), ("secret", 1)]
    assert listed(alice, limit=1) == [("labels", 2)]
    assert listed(carol) == []


def test_a_topic_begins_without_a_word_about_it(session, organization):
    make_topics(session, organization.id, ["printer"])

    assert session.query(Topic).one().about == ""


def test_a_new_synonym_takes_the_questions_of_the_topic_of_that_name(
    session, organization, space, alice
):
    def ask(*names: str):
        return questions.post_question(
            session, space=space, author=alice, title="How is it?", topic_names=names, at=NOON
        )

    old, both, other = ask("machine"), ask("machine", "printer"), ask("paper")
    printer = topics.get_topic(session, organization.id, "printer")
    machine = topics.get_topic(session, organization.id, "machine")
    topics.add_synonym(session, topic=machine, name="device")
    for _ in range(2):
        topics.add_synonym(session, topic=printer, name="machine")

    assert [each.topics for each in (old, both)] == [[printer], [printer]]
    assert [topic.name for topic in other.topics] == ["paper"]
    assert topics.get_topic(session, organization.id, "device") is printer


def test_a_name_that_stands_for_another_topic_takes_nothing(session, organization, space, alice):
    printer, copier = make_topics(session, organization.id, ["printer", "copier"])
    asked = questions.post_question(
        session, space=space, author=alice, title="How is it?", topic_names=["machine"], at=NOON
    )
    topics.add_synonym(session, topic=printer, name="machine")
    topics.add_synonym(session, topic=copier, name="machine")
    topics.add_synonym(session, topic=printer, name="printer")

    assert asked.topics == [printer]
