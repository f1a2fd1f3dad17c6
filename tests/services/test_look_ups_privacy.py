"""The evidence names no person, and two rows of one person cannot be put together for long."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from peerqa.models import LookUp, LookUpHit, Solved
from peerqa.secrets import InstanceKey
from peerqa.services import look_ups, questions
from peerqa.services.look_ups import LookUpSource, ShownHit
from tests.conftest import NOON

KEY = InstanceKey(b"k" * 32)
DAY = timedelta(days=1)


def look_up(session, member, page="page", *, at=NOON, key=KEY, hits=()) -> LookUp:
    return look_ups.record_shown(
        session, source=LookUpSource(member, page, "ask", "printer"), hits=hits, key=key, at=at
    )


def confirm(session, member, question, *, page="page", at=NOON) -> None:
    look_ups.record_outcome(
        session, source=LookUpSource(member, page, "ask", "printer"),
        hit=ShownHit(question.id, None, None, None, None), outcome="confirmed", key=KEY, at=at,
    )  # fmt: skip


def values_of(row) -> list[object]:
    return [getattr(row, column.name) for column in row.__table__.columns]


def test_no_table_of_evidence_has_a_column_for_a_member():
    for table in (LookUp, LookUpHit, Solved):
        targets = {key.column.table.name for key in table.__table__.foreign_keys}
        assert "member" not in targets
        assert not [name for name in table.__table__.columns.keys() if "member" in name]  # noqa: SIM118


def test_no_row_holds_the_member_or_what_the_page_sent(session, question, bob):
    confirm(session, bob, question, page="page-canary")

    rows = [*session.scalars(select(LookUp)), *session.scalars(select(Solved))]
    kept = " ".join(str(value) for row in rows for value in values_of(row))
    assert len(rows) == 2
    for told in ("page-canary", bob.name, bob.email):
        assert told not in kept


def test_the_pseudonym_of_a_day_belongs_to_it_alone(session, bob):
    same_day = [look_up(session, bob, f"page-{n}", at=NOON + n * timedelta(hours=1)).pseudonym
                for n in range(3)]  # fmt: skip
    next_day = look_up(session, bob, "page-9", at=NOON + DAY).pseudonym

    assert len(set(same_day)) == 1
    assert next_day not in same_day


def test_two_people_have_two_pseudonyms(session, bob, alice):
    assert look_up(session, bob).pseudonym != look_up(session, alice).pseudonym


def test_without_the_key_of_the_installation_nobody_can_make_a_pseudonym(session, bob):
    here = look_up(session, bob, "a").pseudonym
    elsewhere = look_up(session, bob, "b", key=InstanceKey(b"l" * 32)).pseudonym

    assert here != elsewhere


def test_what_one_person_solved_cannot_be_put_together(session, space, question, alice, bob):
    other = questions.post_question(session, space=space, author=alice, title="Where?", at=NOON)
    confirm(session, bob, question)
    confirm(session, bob, other)

    pseudonyms = {row.pseudonym for row in session.scalars(select(Solved))}
    assert len(pseudonyms) == 2
    assert pseudonyms.isdisjoint(session.scalars(select(LookUp.pseudonym)))


def test_times_are_rounded_to_the_hour(session, question, bob):
    confirm(session, bob, question, at=NOON + timedelta(minutes=59, seconds=59, microseconds=1))

    for table in (LookUp, Solved):
        assert session.scalars(select(table.hour_at)).all() == [NOON]


def test_another_person_with_the_key_of_my_page_has_a_row_of_their_own(session, alice, bob):
    mine, theirs = look_up(session, alice, "page"), look_up(session, bob, "page")

    assert mine.id != theirs.id
    assert look_up(session, alice, "page").id == mine.id


def test_a_page_that_stays_open_over_midnight_begins_a_new_look_up(session, bob):
    assert look_up(session, bob).id != look_up(session, bob, at=NOON + DAY).id


def test_a_foreign_member_has_rows_in_their_own_organization(session, bob, carol):
    assert look_up(session, bob).organization_id == bob.organization_id
    assert look_up(session, carol).organization_id == carol.organization_id


@pytest.mark.parametrize(("age", "stays"), [(89, True), (90, True), (91, False)])
def test_evidence_goes_after_its_days(session, question, bob, age, stays):
    hit = ShownHit(question.id, None, 0.5, 0.1, 0.4)
    look_up(session, bob, hits=[hit], at=NOON - age * DAY)

    gone = look_ups.delete_old(session, at=NOON, days=90)

    assert gone == (0 if stays else 1)
    for table in (LookUp, LookUpHit):
        assert len(session.scalars(select(table.id)).all()) == (1 if stays else 0)


def test_deleting_old_evidence_leaves_the_new_and_is_harmless_twice(session, question, bob):
    hit = ShownHit(question.id, None, 0.5, 0.1, 0.4)
    look_up(session, bob, "old", hits=[hit], at=NOON - 100 * DAY)
    kept = look_up(session, bob, "new", hits=[hit])

    assert [look_ups.delete_old(session, at=NOON, days=90) for _ in range(2)] == [1, 0]
    assert session.scalars(select(LookUp.id)).all() == [kept.id]
    assert session.scalars(select(LookUpHit.look_up_id)).all() == [kept.id]
