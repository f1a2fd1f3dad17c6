"""The demo company as it is written down: people, spaces, topics and their threads, checked.

A mistake in the text is a sentence that names the file and the thread.
"""

from collections.abc import Sequence
from pathlib import Path

from peerqa.demo.checking import check_company
from peerqa.demo.reading import Entry, read_company, read_topic
from peerqa.demo.shapes import Company, DemoSpace, DemoTopic, Person, Remark, Reply, Thread

FOLDER = Path(__file__).parent / "company"
COMPANY = "company.yaml"


def load_company(folder: Path = FOLDER) -> Company:
    """Read and check the company.

    Raises:
        BadCompany: names the file, the thread and what is wrong there.
    """
    head = read_company(folder / COMPANY)
    spaces = [_space(entry) for entry in head.entries("spaces")]
    people = [_person(entry, spaces) for entry in head.entries("people")]
    company = Company(
        organization=head.text("organization"),
        departments=head.texts("departments"),
        spaces=spaces,
        people={person.key: person for person in people},
        topics=[
            _topic(read_topic(path))
            for path in sorted(folder.glob("*.yaml"))
            if path.name != COMPANY
        ],
    )
    check_company(company)
    return company


def _space(entry: Entry) -> DemoSpace:
    return DemoSpace(
        entry.text("name"), entry.text("description"), entry.text("visibility") == "space"
    )


def _person(entry: Entry, spaces: Sequence[DemoSpace]) -> Person:
    keeps = frozenset(entry.texts("steward"))
    return Person(
        key=entry.text("key"),
        name=entry.text("name"),
        department=entry.text("department"),
        spaces=frozenset(entry.texts("spaces")) | keeps | {spaces[0].name},
        steward_of=keeps,
        is_admin=entry.flag("admin"),
        has_left=entry.flag("inactive"),
    )


def _topic(entry: Entry) -> DemoTopic:
    name = entry.text("topic")
    return DemoTopic(
        name=name,
        about=entry.text("about"),
        synonyms=entry.texts("synonyms"),
        threads=[_thread(thread, name) for thread in entry.entries("threads")],
    )


def _thread(entry: Entry, topic: str) -> Thread:
    entry = entry.named(entry.text("key"))
    return Thread(
        key=entry.text("key"),
        title=entry.text("title"),
        by=entry.text("by"),
        space=entry.text("space"),
        ago=entry.age("ago"),
        topics=list(dict.fromkeys([topic, *entry.texts("topics")])),
        body=entry.text("body", default=""),
        same=entry.texts("same"),
        duplicate_of=entry.text("duplicate_of", default="") or None,
        remarks=_remarks(entry),
        replies=[_reply(reply) for reply in entry.entries("answers")],
    )


def _reply(entry: Entry) -> Reply:
    return Reply(
        by=entry.text("by"),
        ago=entry.age("ago"),
        body=entry.text("body"),
        is_accepted=entry.flag("accepted"),
        helped=entry.texts("helped"),
        remarks=_remarks(entry),
    )


def _remarks(entry: Entry) -> list[Remark]:
    return [
        Remark(remark.text("by"), remark.age("ago"), remark.text("text"))
        for remark in entry.entries("comments")
    ]
