"""An installation whose vectors are in PostgreSQL, and what happens to it."""

from sqlalchemy import select

from peerqa.database import db, transaction
from peerqa.models import Member, Organization
from peerqa.search import maintenance
from peerqa.search.hits import reader_of
from peerqa.services import answers, members, organizations, questions, spaces
from tests.conftest import NOON
from tests.fakes import WordsEncoder
from tests.indexer.in_postgres import connect

TYPED = "How can I reset the label printer?"
PRINTER = "How do I reset the label printer?"


class MeddlingEncoder(WordsEncoder):
    """Lets something happen in the middle of the next look-up."""

    meddle = staticmethod(lambda: None)

    def encode(self, texts):
        self.meddle()
        return super().encode(texts)


def found_northwind(made):
    """Ask a few questions, answered."""
    with made.app.app_context(), transaction() as session:
        firm = organizations.make_organization(session, name="Northwind", at=NOON)
        place = spaces.make_space(session, organization=firm, name="Workshop", at=NOON)
        alice = members.create_member(session, organization=firm, name="Alice", at=NOON)
        titles = ["How do I reset the label printer?"]
        titles += [f"Where is the key of room {n}?" for n in range(12)]
        for title in titles:
            asked = questions.post_question(
                session, space=place, author=alice, title=title, at=NOON
            )
            answers.post_answer(session, question=asked, author=alice, body="Feed it.", at=NOON)


def is_equal(product):
    session = db.session()
    firm = session.scalars(select(Organization).where(Organization.name == "Northwind")).one()
    report = maintenance.check(session, product.web, firm)
    session.rollback()  # whoever reads a table keeps others from dropping it
    return report.is_equal


def look(product, typed=TYPED):
    """Return the title of the first hit, and whether it was found by words alone."""
    session = db.session()
    session.rollback()
    alice = session.scalars(select(Member).where(Member.name == "Alice")).one()
    results = product.web.search(session, reader_of(alice), query=typed)
    session.rollback()
    return results.hits[0].question.title, results.by_words_only


def run(product, statement):
    with connect(product.settings.database_address) as connection:
        connection.execute("SET lock_timeout = '10s'")
        return connection.execute(statement)


def base(product):
    with connect(product.settings.database_address) as connection:
        (found,) = connection.execute(
            "SELECT id FROM peerqa_vectors.base WHERE state = 'current' AND model = 'words@1'"
        ).fetchone()
    return f"peerqa_vectors.base_{found}"


OTHER_PROCESS = """
import sys
from sqlalchemy import select
from peerqa.app import create_app
from peerqa.database import db
from peerqa.models import Member
from peerqa.search.hits import reader_of
from tests.fakes import WordsEncoder
app = create_app(with_doors=False)
engine = app.extensions["peerqa.search"]
engine.encoders.use(WordsEncoder())
print("ready", flush=True)
for typed in sys.stdin:
    with app.app_context():
        alice = db.session.scalars(select(Member).where(Member.name == "Alice")).one()
        results = engine.search(db.session(), reader_of(alice), query=typed.strip())
        print(results.hits[0].question.id, results.by_words_only, flush=True)
"""
