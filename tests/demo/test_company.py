import shutil

import pytest

from peerqa.demo.company import FOLDER, load_company
from peerqa.demo.people import PEOPLE
from peerqa.demo.reading import BadCompany
from peerqa.services.topics import topic_name


@pytest.fixture(scope="module")
def company():
    return load_company()


@pytest.fixture
def folder(tmp_path):
    """The company's people, and room for a topic of the test's own."""
    shutil.copy(FOLDER / "company.yaml", tmp_path)
    return tmp_path


def write_topic(folder, thread: str) -> None:
    (folder / "keys.yaml").write_text(f"topic: keys\nabout: Keys.\nthreads:\n  - {thread}\n")


def test_the_company_is_large_enough_to_be_worth_searching(company):
    answers = [reply for thread in company.threads for reply in thread.replies]

    assert len(company.threads) >= 150
    assert len(answers) >= 230
    assert len(company.people) == 40


def test_it_has_every_kind_of_thread(company):
    assert [thread for thread in company.threads if not thread.replies]
    assert [thread for thread in company.threads if thread.duplicate_of]
    assert [thread for thread in company.threads if len(thread.replies) > 1]
    assert [thread for thread in company.threads if any(r.is_accepted for r in thread.replies)]
    assert [person for person in company.people.values() if person.has_left]


def test_the_people_that_a_visitor_may_be_are_there(company):
    people = [company.people[key] for key in PEOPLE]

    assert [bool(person.steward_of) for person in people] == [False, False, True, False]
    assert [person.is_admin for person in people] == [False, False, False, True]


def test_topics_have_names_as_the_pages_make_them(company):
    named = [name for thread in company.threads for name in thread.topics]
    named += [name for topic in company.topics for name in (topic.name, *topic.synonyms)]

    assert [name for name in named if topic_name(name) != name] == []


@pytest.mark.parametrize(
    ("thread", "mistake"),
    [
        ("{key: lost, title: 5}", "keys.yaml, lost: title should be a text."),
        (
            "{key: lost, title: Who has it?, by: nobody, space: Workshop floor, ago: 3d}",
            "keys.yaml, lost: names nobody, who is not in company.yaml.",
        ),
        (
            "{key: lost, title: Who has it?, by: ana, space: Attic, ago: 3d}",
            "keys.yaml, lost: is in the unknown space Attic.",
        ),
        (
            "{key: lost, title: Who has it?, by: kofi, space: People and pay, ago: 3d}",
            "keys.yaml, lost: has kofi in it, who is not in the closed space People and pay.",
        ),
        (
            "{key: lost, title: Who has it?, by: ana, space: Workshop floor, ago: soon}",
            "keys.yaml, lost: ago should be like 12d or 30h.",
        ),
        (
            "{key: lost, title: Who?, by: ana, space: Workshop floor, ago: 3d, answers: [{by: kofi, ago: 4d, body: Me.}]}",  # noqa: E501
            "keys.yaml, lost: the answer by kofi is older than the question.",
        ),
        (
            "{key: lost, title: Who has it?, by: ana, space: Workshop floor, ago: 3d, same: [ana]}",
            "keys.yaml, lost: ana has their own question too.",
        ),
        (
            "{key: lost, title: Who?, by: ana, space: Workshop floor, ago: 3d, duplicate_of: found}",  # noqa: E501
            "keys.yaml, lost: duplicates the unknown found.",
        ),
    ],
)
def test_a_mistake_is_a_sentence_that_names_its_place(folder, thread, mistake):
    write_topic(folder, thread)

    with pytest.raises(BadCompany) as refused:
        load_company(folder)

    assert str(refused.value) == mistake


def test_what_is_no_yaml_is_said_with_the_file(folder):
    (folder / "keys.yaml").write_text("topic: [")

    with pytest.raises(BadCompany, match=r"keys\.yaml: cannot be read"):
        load_company(folder)
