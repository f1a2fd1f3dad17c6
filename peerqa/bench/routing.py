"""Part `routing`: whom to ask about a question, in a large company, beyond what encoding takes.

Ten thousand people share what was answered; new questions are gathered for and decided about as the
worker does it, and nobody is asked. Encoding the same texts is measured turn about and taken off.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, insert, select, update

from peerqa.bench.ground import Ground
from peerqa.bench.times import percentiles, timed, turn_about
from peerqa.bench.widening import widen
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.models import Member, Post, Question, Space
from peerqa.search.engine import patient
from peerqa.search.expertise import MOST_BODY, Expertise, numbers_of
from peerqa.services.questions import post_question
from peerqa.services.routing.choosing import choose
from peerqa.services.routing.scoring import Numbers
from peerqa.settings import read_settings

MEMBERS = 10_000
MOST = 200  # questions
WARM_UP = 10
CHUNK = 1_000


def measure(ground: Ground) -> dict[str, object]:
    """Spread the answers over many people, ask, and decide."""
    _spread(ground)
    asked = _ask(ground)
    numbers = numbers_of(read_settings())
    engine = patient(read_settings(), ground.encoder)
    expertise = Expertise(engine, numbers)
    ground.tell(f"Choosing whom to ask about {len(asked)} questions.")
    times = _Times(ground, expertise, numbers)
    for each in asked[:WARM_UP]:
        times.decide(each)
    times.whole, times.people = [], 0
    turn_about(asked, times.decide, times.encode)
    return {"routing": times.as_json(len(asked))}


class _Times:
    """How long deciding took, and encoding alone."""

    def __init__(self, ground: Ground, expertise: Expertise, numbers: Numbers) -> None:
        self._ground, self._expertise, self._numbers = ground, expertise, numbers
        self.whole: list[float] = []
        self.encoding: list[float] = []
        self.people = 0

    def decide(self, question_id: int) -> None:
        """Decide as the worker does, and ask nobody."""
        session = db.session()
        question = session.get_one(Question, question_id)

        def act() -> int:
            near = self._expertise.gather(session, question) or {}
            chosen, _available = choose(
                session, question=question, near=near, at=utc_now(), numbers=self._numbers,
                count=self._numbers.people,
            )  # fmt: skip
            return len(chosen)

        count, seconds = timed(act)
        self.people += count
        self.whole.append(seconds)
        session.rollback()

    def encode(self, question_id: int) -> None:
        """Encode what deciding encodes."""
        question = db.session().get_one(Question, question_id)
        texts = [question.title, f"{question.title}\n{question.plain[:MOST_BODY]}"]
        texts = texts if question.plain else texts[:1]
        self.encoding.append(timed(lambda: self._ground.encoder.encode(texts))[1])

    def as_json(self, questions: int) -> dict[str, object]:
        """Return what it took, and what the encoder has no part in."""
        whole = percentiles(self.whole)
        return {
            **whole,
            "beyond_encode_ms": round(whole["p50_ms"] - percentiles(self.encoding)["p50_ms"], 2),
            "questions": questions,
            "people_a_question": round(self.people / questions, 2),
            "members": MEMBERS,
        }


def _spread(ground: Ground) -> None:
    """Let as many people as there are in a large company have given the answers, lately."""
    widen(ground)
    ground.tell(f"Spreading what was answered over {MEMBERS:,} members.")
    with transaction() as session:
        first = (session.scalar(select(func.max(Member.id))) or 0) + 1
        organization = session.get_one(Member, ground.member_id).organization_id
        at = utc_now() - timedelta(days=30)
        for start in range(0, MEMBERS, CHUNK):
            session.execute(
                insert(Member),
                [
                    {"organization_id": organization, "name": f"Member {number}", "created_at": at}
                    for number in range(start, start + CHUNK)
                ],
            )
        session.execute(
            update(Post.__table__)  # type: ignore[arg-type]  # a Table
            .where(Post.__table__.c.kind == "answer")
            .values(author_id=first + (Post.__table__.c.id * 7919) % MEMBERS)
        )


def _ask(ground: Ground) -> Sequence[int]:
    with transaction() as session:
        space = session.scalars(select(Space).order_by(Space.id).limit(1)).one()
        author = session.get_one(Member, ground.member_id)
        return [
            post_question(
                session, space=space, author=author, title=title, body="", topic_names=["packing"],
                at=utc_now(),
            ).id
            for title in ground.typed[:MOST]
        ]  # fmt: skip
