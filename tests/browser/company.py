"""A small company in an organization of its own, so that no test sees what another one wrote."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from peerqa.models import Member, Organization, Question, Space
from peerqa.models.space import Role
from peerqa.services import answers, comments, members, organizations, questions, spaces, votes

DEPARTMENTS = {
    "Ana Duarte": "Sales",
    "Tomasz Kowal": "Warehouse",
    "Lena Hofmann": "Warehouse",
    "Marta Zielińska": "Warehouse",
    "Yusuf Aydın": "IT",
}
STEWARD, ADMIN = "Marta Zielińska", "Yusuf Aydın"


@dataclass(frozen=True)
class Thread:
    """A question, who asked it, and its answers; the first one solved it."""

    title: str
    body: str
    topics: tuple[str, ...]
    by: str = "Lena"
    answers: tuple[tuple[str, str], ...] = ()
    comment: str = ""


LABELS = Thread(
    "Zebra labels come out off-centre after changing the roll",
    "Since this morning every label on station 3 starts about 4 mm too far left. Same file, same "
    "printer, only the roll is new.\n\nThe scanner at the gate refuses **half of them**.",
    ("label-printer", "packing"),
    answers=(
        (
            "Tomasz",
            (
                "Hold the feed button until the light blinks twice, it measures the new roll by "
                "itself. If it is still off, check that the guide touches the paper on both "
                "sides.\n\n"
                "To be sure, print the test page: `Settings → Tools → Print configuration`. The "
                "box must be inside the label."
            ),
        ),
        (
            "Marta",
            (
                "In the packing app there is also an offset under Station → Printer. I would leave "
                "it at zero, otherwise the next roll is wrong again."
            ),
        ),
    ),
    comment="Works for the small ZD420 as well, one blink is enough there.",
)
RECEIPT = Thread(
    "I lost the receipt of a restaurant bill, can I still claim it?",
    "Lunch with a customer in Ghent, 64 euros, paid with my own card.",
    ("expenses",),
    by="Ana",
    answers=(
        (
            "Yusuf",
            (
                "Yes. Fill in the form *Own receipt*, add the line of your bank statement, and "
                "have your manager sign it. Up to 100 euros that is enough for the accountant."
            ),
        ),
    ),
)
THREADS = (
    LABELS,
    RECEIPT,
    Thread(
        "How do I move the authenticator to a new phone?",
        "The old one still works until Friday.",
        ("sign-in",),
        by="Tomasz",
        answers=(
            (
                "Yusuf",
                (
                    "Open *My sign-ins* on the laptop, add the new phone, and remove the old one "
                    "only after a code from the new one has worked."
                ),
            ),
        ),
    ),
    Thread(
        "Who may drive the forklift in hall 2?",
        "",
        ("forklift",),
        answers=(
            (
                "Marta",
                (
                    "Whoever has the yearly instruction and a signed driving order:\n\n"
                    "1. ask me for the instruction,\n2. bring the card,\n3. I sign the order."
                ),
            ),
        ),
    ),
    Thread(
        "The courier did not come to collect today's parcels",
        "Twelve crates stand at the gate.",
        ("carriers",),
        answers=(
            (
                "Tomasz",
                (
                    "Call the depot before five, they send the evening van. After five put "
                    "everything inside again and book a new collection in the portal."
                ),
            ),
        ),
    ),
    Thread(
        "Do holidays come back when I fall ill during them?",
        "",
        ("holidays",),
        by="Ana",
        answers=(
            (
                "Marta",
                (
                    "They do, from the first day on which a doctor has written you off sick. Send "
                    "the note within three days."
                ),
            ),
        ),
    ),
    Thread(
        "Umlauts are broken when I open the customer export in Excel",
        "`MÃ¼ller` instead of Müller.",
        ("erp",),
        by="Ana",
        answers=(
            (
                "Yusuf",
                (
                    "Do not double-click the file. In Excel choose Data → From text, and UTF-8 as "
                    "the file origin.\n\n```python\nopen(path, encoding='utf-8-sig')\n```"
                ),
            ),
        ),
    ),
    Thread(
        "The brake lever goes to the handlebar after the bike stood upside down",
        "",
        ("brakes",),
        by="Tomasz",
        answers=(
            (
                "Lena",
                (
                    "Air is in the line. Stand the bike up, tie the lever to the bar over night, "
                    "and bleed it in the morning."
                ),
            ),
        ),
    ),
    Thread(
        "What is the code of the meeting room display?",
        "It wants a PIN since the update.",
        ("meeting-rooms",),
        by="Tomasz",
    ),
    Thread(
        "Can private parcels be delivered to the office?",
        "",
        ("office",),
        by="Ana",
        answers=(("Marta", "Small ones, yes. Put your department under your name."),),
    ),
    Thread(
        "Which paint goes on a scratched frame?",
        "RAL 7016, the scratch is as long as a finger.",
        ("paint",),
        answers=(
            (
                "Tomasz",
                "The little bottle from shelf C4, two thin layers, an hour between them.",
            ),
        ),
    ),
    Thread(
        "How do I book a van for a trade fair?",
        "",
        ("travel",),
        by="Ana",
        answers=(("Marta", "In the calendar *Vehicles*, two weeks before, with the kilometres."),),
    ),
)


@dataclass(frozen=True)
class Company:
    """What was founded: the ids, for addresses and sign-ins."""

    organization_id: int
    space_id: int
    people: dict[str, int]  # by first name
    questions: dict[str, int]  # by title

    def question(self, thread: Thread) -> str:
        return f"/questions/{self.questions[thread.title]}"

    def profile(self, first_name: str) -> str:
        return f"/members/{self.people[first_name]}"


def found(session: Session, name: str, *, at: datetime) -> Company:
    """Found a company of five with a dozen threads."""
    organization = organizations.make_organization(session, name=name, at=at)
    space = spaces.make_space(
        session,
        organization=organization,
        name="Orders and delivery",
        description="From the first call to the parcel at the door.",
        at=at,
    )
    people = {
        full.split()[0]: _employ(session, organization, space, full, at=at) for full in DEPARTMENTS
    }
    posted = {
        thread.title: _post(session, space, people, thread, at=at - timedelta(days=100 - 7 * age))
        for age, thread in enumerate(reversed(THREADS))
    }
    return Company(
        organization.id,
        space.id,
        {first: person.id for first, person in people.items()},
        {title: question.id for title, question in posted.items()},
    )


def _employ(
    session: Session, organization: Organization, space: Space, name: str, *, at: datetime
) -> Member:
    member = members.create_member(
        session,
        organization=organization,
        name=name,
        email=f"{name.split()[0].lower()}@{organization.id}.example.org",
        is_admin=name == ADMIN,
        at=at,
    )
    members.set_department(session, member=member, name=DEPARTMENTS[name])
    role = Role.STEWARD if name == STEWARD else Role.LEARNER
    members.join_space(session, member=member, space=space, role=role)
    return member


def _post(
    session: Session, space: Space, people: dict[str, Member], thread: Thread, *, at: datetime
) -> Question:
    question = questions.post_question(
        session,
        space=space,
        author=people[thread.by],
        title=thread.title,
        body=thread.body,
        topic_names=thread.topics,
        at=at,
    )
    for place, (by, body) in enumerate(thread.answers):
        answer = answers.post_answer(
            session, question=question, author=people[by], body=body, at=at + timedelta(hours=3)
        )
        if place == 0:
            answers.accept_answer(session, answer=answer, by=people[thread.by], at=at)
            helped = next(people[name] for name in ("Marta", "Yusuf", "Lena") if name != by)
            votes.set_vote(session, post=answer, by=helped, wanted=True, at=at)
            if thread.comment:
                comments.post_comment(
                    session, parent=answer, author=helped, body=thread.comment, at=at
                )
    return question
