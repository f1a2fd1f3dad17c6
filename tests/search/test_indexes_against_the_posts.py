"""Whatever people do, both indexes find what a comparison with every visible post finds."""

import itertools
from contextlib import suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, update

from indexer.documents import answer_document, question_documents
from peerqa.database import db, transaction
from peerqa.errors import Conflict
from peerqa.models import Answer, Member, Organization, Post, Question, Space
from peerqa.models.space import Role, Visibility
from peerqa.search import maintenance
from peerqa.search.engine import CONSIDERED
from peerqa.search.hits import reader_of
from peerqa.services import answers, members, organizations, questions, spaces
from tests.conftest import NOON
from tests.fakes import WordsEncoder
from tests.search.products import Product, database, in_context, make_product, vectors  # noqa: F401

WORDS = ["brake", "chain", "fork", "wheel", "saddle", "pedal", "light", "bell", "rack", "stand"]
QUERIES = ["brake and chain", "the wheel of a saddle", "bell stand light"]
NEAR = 0.3  # a little above what is shown at all
MOST_QUESTIONS = CONSIDERED - 4  # so many are all looked at
texts = st.lists(st.sampled_from(WORDS), min_size=2, max_size=4).map(" ".join)
which = st.integers(0, 99)
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def product(vectors, database, tmp_path_factory):  # noqa: F811 - fixtures
    made = make_product(
        tmp_path_factory.mktemp(vectors), vectors, WordsEncoder(dimension=128), url=database
    )
    yield from in_context(made)


class People(RuleBasedStateMachine):
    """They ask, answer, edit, delete, mark, close spaces; the worker works when it comes to it."""

    product: Product

    def __init__(self) -> None:
        super().__init__()
        self.name = f"Firm {next(_numbers)}"
        with transaction() as session:
            firm = organizations.make_organization(session, name=self.name, at=NOON)
            places = [
                spaces.make_space(session, organization=firm, name=name, at=NOON)
                for name in ("Open", "Sometimes closed")
            ]
            self.firm_id, self.space_ids = firm.id, [place.id for place in places]
            self.alice_id = self._member(session, firm, places[:1], "Alice")
            self.bob_id = self._member(session, firm, places, "Bob")

    def _member(self, session, firm, places, name):
        member = members.create_member(session, organization=firm, name=name, at=NOON)
        for place in places:
            members.join_space(session, member=member, space=place, role=Role.STEWARD)
        return member.id

    @rule(title=texts, place=st.integers(0, 1), body=st.one_of(st.just(""), texts))
    def ask(self, title, place, body):
        with transaction() as session:
            if len(self._posts(session, Question)) < MOST_QUESTIONS:
                questions.post_question(
                    session, space=session.get(Space, self.space_ids[place]),
                    author=session.get(Member, self.bob_id), title=f"What about {title}?",
                    body=body, at=NOON,
                )  # fmt: skip

    @rule(n=which, body=texts)
    def answer(self, n, body):
        with transaction() as session:
            if question := self._one(session, Question, n):
                answers.post_answer(
                    session, question=question, author=session.get(Member, self.bob_id),
                    body=f"Take {body}.", at=NOON,
                )  # fmt: skip

    @rule(n=which, title=texts)
    def edit(self, n, title):
        with transaction() as session:
            if question := self._one(session, Question, n):
                questions.edit_question(
                    session, question=question, by=session.get(Member, self.bob_id),
                    title=f"And what about {title}?", body=question.body,
                    topic_names=[], version=question.version, at=NOON,
                )  # fmt: skip

    @rule(n=which, of_question=st.booleans())
    def delete(self, n, of_question):
        with transaction() as session:
            bob = session.get(Member, self.bob_id)
            if of_question and (question := self._one(session, Question, n)):
                questions.delete_question(session, question=question, by=bob, at=NOON)
            elif not of_question and (answer := self._one(session, Answer, n)):
                answers.delete_answer(session, answer=answer, by=bob, at=NOON)

    @rule(n=which, m=which)
    def mark_as_duplicate(self, n, m):
        with transaction() as session:
            question, of = self._one(session, Question, n), self._one(session, Question, m)
            originals = {each.duplicate_of_id for each in self._posts(session, Question)}
            if question is None or of is None or question is of or question.id in originals:
                return  # of an original's duplicates, the first step alone is followed
            with suppress(Conflict):  # of each other, or of one that fewer people see
                questions.mark_duplicate(
                    session, question=question, of=of, by=session.get(Member, self.bob_id), at=NOON
                )

    @rule(is_closed=st.booleans())
    def close_or_open(self, is_closed):
        """Let the questions of the second space be seen by its people alone, or by everybody."""
        with transaction() as session:
            visibility = Visibility.SPACE if is_closed else Visibility.ORGANIZATION
            session.get(Space, self.space_ids[1]).visibility = visibility
            session.execute(
                update(Question)
                .where(Question.space_id == self.space_ids[1])
                .values(visibility=visibility)
            )

    @rule()
    def restart(self):
        self.product.restart()

    @rule()
    def restart_the_worker(self):
        self.product.restart_worker()

    @rule()
    def keep(self):
        self.product.worker.keep_bases()

    @rule()
    def rebuild(self):
        self.product.work()
        session = db.session()
        firm = session.get(Organization, self.firm_id)
        maintenance.rebuild(session, self.product.web, firm)
        assert maintenance.check(session, self.product.web, firm).is_equal

    @invariant()
    def each_reader_finds_what_they_may_see(self):
        self.product.work()
        session = db.session()
        session.rollback()
        session.expire_all()
        for member_id in (self.alice_id, self.bob_id):
            reader = reader_of(session.get(Member, member_id))
            visible = self._visible(session, member_id)
            for query in QUERIES:
                self._agrees(session, reader, visible, query)

    def _agrees(self, session, reader, visible, query):
        results = self.product.web.search(session, reader, query=query, limit=50)
        assert not results.by_words_only
        found = {hit.question.id: hit.similarity for hit in results.hits}
        assert found.keys() <= visible.keys()
        (typed,) = self.product.encoder.encode([query])
        originals = {question.duplicate_of_id for question in visible.values()}
        for question_id, question in visible.items():
            if question.duplicate_of_id in visible:
                assert question_id not in found
                continue
            true = self._similarity(session, question, typed)
            assert true < NEAR or question_id in found
            if found.get(question_id) is not None and question_id not in originals:
                assert found[question_id] == pytest.approx(true, abs=0.02)  # a base has 8 bits

    def _visible(self, session, member_id):
        return {
            question.id: question
            for question in self._posts(session, Question)
            if member_id == self.bob_id or question.visibility == Visibility.ORGANIZATION
        }

    def _similarity(self, session, question, typed):
        documents = question_documents(question.id, question.title, question.plain)
        documents += [
            answer_document(answer.id, question.id, answer.plain)
            for answer in self._posts(session, Answer)
            if answer.question_id == question.id
        ]
        encoded = self.product.encoder.encode([document.text for document in documents])
        return float((encoded @ typed).max())

    def _posts(self, session, kind):
        found = session.scalars(
            select(kind)
            .where(Post.organization_id == self.firm_id, Post.deleted_at.is_(None))
            .order_by(Post.id)
        ).all()
        if kind is Answer:
            return [each for each in found if each.question.deleted_at is None]
        return found

    def _one(self, session, kind, n):
        found = self._posts(session, kind)
        return found[n % len(found)] if found else None


def test_both_indexes_answer_as_the_posts_do(product):
    People.product = product
    run_state_machine_as_test(
        People, settings=settings(max_examples=3, stateful_step_count=15, deadline=None)
    )


@pytest.mark.long
def test_both_indexes_answer_as_the_posts_do_whatever_happens(product):
    People.product = product
    run_state_machine_as_test(
        People, settings=settings(max_examples=15, stateful_step_count=30, deadline=None)
    )
