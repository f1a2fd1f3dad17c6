"""What holds where nobody chose otherwise, and how long things are kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from indexer.words import query_terms
from peerqa import chores
from peerqa.clock import utc_now
from peerqa.errors import Invalid, NotAllowed
from peerqa.models import Draft, LookUp, Notification, OutboxRow
from peerqa.models.space import Visibility
from peerqa.search import rewording
from peerqa.search.updating import index_posts
from peerqa.search.words import find_by_words
from peerqa.services import answers, questions
from peerqa.services.admin import defaults
from peerqa.services.admin.defaults import REWORD, Chosen
from tests.conftest import NOON

MOST = {"evidence": 90, "draft": 90, "news": 365}


def save(session, by, language="de", visibility=Visibility.ORGANIZATION):
    defaults.set_writing(session, language=language, visibility=visibility, by=by, at=NOON)


@pytest.fixture
def found(session, organization):
    def found(typed: str) -> set[int]:
        language = organization.language
        hits = find_by_words(
            session, query_terms(typed, language), organization_id=organization.id,
            language=language,
        )  # fmt: skip
        return set(hits.scores)

    return found


def test_another_language_brings_the_words_of_all_posts_to_its_stems(
    session, organization, space, admin, alice, carol, found, monkeypatch
):
    def ask(title, by=alice, where=space):
        return questions.post_question(session, space=where, author=by, title=title, at=NOON)

    asked = [ask("Wo sind die Häuser?"), ask("Wer baut das Haus mit Garten?"), ask("Why is it so?")]
    ids = [question.id for question in asked]
    session.commit()
    index_posts(ids, None)
    assert found("haus") == {ids[1]}

    save(session, admin)
    session.commit()
    assert session.scalars(select(OutboxRow.key).where(OutboxRow.topic == REWORD)).all() == [
        f"{organization.id}:0"
    ]
    monkeypatch.setattr(rewording, "AT_ONCE", 1)
    monkeypatch.setattr(rewording, "SECONDS", -1.0)  # each run is over before it begins
    rewording.reword([f"{organization.id}:0"])
    assert found("haus") == {ids[1]}
    monkeypatch.setattr(rewording, "SECONDS", 60.0)
    for _ in range(2):
        rewording.reword([f"{organization.id}:0"])
    assert found("haus") == set(ids[:2])


def test_a_run_that_is_over_asks_for_the_next_with_where_it_ended(
    session, organization, question, monkeypatch
):
    session.commit()
    times = iter([0.0, 1.0, 99.0])
    monkeypatch.setattr(rewording.time, "monotonic", lambda: next(times))
    rewording.reword([f"{organization.id}:0"])

    asked = session.scalars(select(OutboxRow.key).where(OutboxRow.topic == REWORD)).all()
    assert asked == [f"{organization.id}:{question.id}"]


def test_only_a_language_of_the_list_is_taken_and_only_admins_choose(session, admin, bob):
    for language in ("", "xx", "de-AT", "no", "en\x00"):
        with pytest.raises(Invalid) as refused:
            save(session, admin, language)
        assert refused.value.field == "language"
    with pytest.raises(NotAllowed):
        save(session, bob)
    save(session, admin, "en", Visibility.SPACE)
    assert admin.organization.question_visibility == Visibility.SPACE
    assert session.scalars(select(OutboxRow).where(OutboxRow.topic == REWORD)).all() == []


def test_things_are_kept_no_longer_than_the_installation_says(session, organization, admin):
    def keep(**chosen):
        defaults.set_retention(session, chosen=Chosen(**chosen), most=MOST, by=admin, at=NOON)

    keep(evidence=" 30 ", news="365")
    assert (organization.evidence_days, organization.draft_days) == (30, None)
    assert defaults.days_kept(organization, "evidence", 90) == 30
    assert defaults.days_kept(organization, "evidence", 7) == 7
    assert defaults.days_kept(organization, "draft", 90) == 90
    for typed in ("0", "91", "-1", "1.5", "x", "٣٠", "9" * 30):
        with pytest.raises(Invalid, match="1 to 90") as refused:
            keep(evidence=typed)
        assert refused.value.field == "evidence"
    assert organization.evidence_days == 30


def test_what_is_older_goes_by_each_organizations_own_days(
    app, session, organization, admin, alice, bob, carol, question
):
    now = utc_now()
    answers.post_answer(session, question=question, author=bob, body="So.", at=now)
    told = session.scalars(select(Notification)).one()
    told.created_at = now - timedelta(days=40)
    for member in (alice, carol):
        session.add(
            LookUp(
                organization_id=member.organization_id, key=f"k{member.id}", pseudonym="p",
                hour_at=now - timedelta(days=40), surface="ask", typed="x", outcome="typed",
            )
        )  # fmt: skip
        session.add(
            Draft(
                member_id=member.id, place="ask", sealed=b"x", updated_at=now - timedelta(days=40)
            )
        )
    organization.evidence_days = organization.draft_days = organization.news_days = 30
    session.commit()

    acts = {timer.name: timer.act for timer in chores.timers(app)}
    for name in ("old-evidence", "old-drafts", "old-news"):
        acts[name]()

    session.expire_all()
    left = session.scalars(select(LookUp.organization_id)).all()
    assert left == [carol.organization_id]
    assert session.scalars(select(Draft.member_id)).all() == [carol.id]
    assert session.scalars(select(Notification)).all() == []
