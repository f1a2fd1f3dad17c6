"""Search with an encoder that needs no model: texts that share words are near.

On SQLite with vectors in files, on PostgreSQL with vectors in tables.
"""

import pytest
from sqlalchemy import delete

from indexer.pgvector_upkeep import follow
from peerqa.models import LookUp, LookUpHit, Member, OutboxRow, Question
from peerqa.search.engine import SearchEngine
from peerqa.search.pgvector import connection_of, place_of
from peerqa.search.updating import index_posts
from peerqa.services import answers, questions
from tests.conftest import NOON, make_member
from tests.fakes import WordsEncoder

MODEL = WordsEncoder().model
PARTS = ("brake", "chain", "fork", "wheel", "saddle", "pedal", "light", "bell", "rack", "stand")


@pytest.fixture
def encoder() -> WordsEncoder:
    return WordsEncoder()


@pytest.fixture
def engine(settings, tmp_path, encoder) -> SearchEngine:
    vectors = "pgvector" if settings.database_url else "faiss"
    engine = SearchEngine(settings.model_copy(update={"home": tmp_path, "vectors": vectors}))
    engine.encoders.use(encoder)
    return engine


@pytest.fixture
def index(session, engine, encoder):
    """Return a function that indexes posts as the worker would."""

    def bring_in_line(*posts):
        keys = [str(post.id) for post in posts]
        session.execute(
            delete(OutboxRow).where(OutboxRow.topic == "index", OutboxRow.key.in_(keys))
        )
        session.commit()
        count = index_posts([post.id for post in posts], encoder)
        if engine.tables is not None:
            for organization_id in {post.organization_id for post in posts}:
                place = place_of(organization_id, encoder)
                follow(connection_of(session), engine.tables.tables, place)
        return count

    return bring_in_line


@pytest.fixture
def asked(session, space, alice, bob, index):
    """Ten questions with an answer each."""
    made = [
        questions.post_question(
            session, space=space, author=alice, title=f"How is the {part} fitted?", at=NOON
        )
        for part in PARTS
    ]
    given = [
        answers.post_answer(session, question=one, author=bob, body="With care.", at=NOON)
        for one in made
    ]
    index(*made, *given)
    return made


@pytest.fixture
def judge(session, organization):
    """Return a function that says something of hits, each by somebody else."""
    count = 0

    def judge(question_ids, outcome, *, similarity=0.6, gap=0.28, model=MODEL):
        nonlocal count
        for question_id in question_ids:
            count += 1
            look_up = LookUp(
                organization_id=organization.id,
                key=f"page {count}",
                pseudonym=f"person {count}",
                hour_at=NOON,
                surface="ask",
                typed="something",
                outcome="typed",
            )
            session.add(look_up)
            session.flush()
            session.add(
                LookUpHit(
                    look_up_id=look_up.id, question_id=question_id, similarity=similarity,
                    gap=gap, probability=0.9, model=model, outcome=outcome,
                )
            )  # fmt: skip
        session.flush()

    return judge


@pytest.fixture
def much_said(judge, asked):
    """More refusals than the prior expects, and enough of both."""
    ids = [question.id for question in asked]
    judge(ids, "confirmed", gap=0.40)
    judge(ids * 2, "refused", gap=0.26)


@pytest.fixture
def duplicates(session, space, steward, bob, asked, index) -> list[Question]:
    """Each of the ten, asked again and marked."""
    made = []
    for original, part in zip(asked, PARTS, strict=True):
        again = questions.post_question(
            session, space=space, author=bob, title=f"{part} {part} {part}, fitted how?", at=NOON
        )
        questions.mark_duplicate(session, question=again, of=original, by=steward, at=NOON)
        made.append(again)
    index(*made)
    session.commit()
    return made


@pytest.fixture
def people(session, organization) -> list[Member]:
    return [make_member(session, organization, f"P{n} Person") for n in range(12)]


@pytest.fixture
def ask_again(session, space, steward, people, index):
    """Return a function that asks of so many threads twice in other words.

    Each time another thread has a nearer title, and only the answer that is right speaks of
    all that was typed: a greater weight of the coverage puts all of them right.
    """

    def ask(title, *, by, answer=""):
        made = questions.post_question(session, space=space, author=by, title=title, at=NOON)
        posts.append(made)
        if answer:
            posts.append(
                answers.post_answer(session, question=made, author=people[0], body=answer, at=NOON)
            )
        return made

    posts: list = []

    def ask_again(threads, *, by=people):
        for n in range(threads):
            said = f"It is sorted out with k{n}x and k{n}y and so on"
            right = ask(f"a{n}x b{n}x a{n}y b{n}y z{n}", by=people[1], answer=said)
            for turn in "xy":
                ask(
                    f"a{n}{turn} b{n}{turn} o{n}{turn} p{n}{turn}",
                    by=people[2],
                    answer="With care.",
                )
                again = ask(f"a{n}{turn} b{n}{turn} k{n}{turn}", by=by[n % len(by)])
                questions.mark_duplicate(session, question=again, of=right, by=steward, at=NOON)
        index(*posts)
        session.commit()

    return ask_again
