"""S9: the audit trail is append-only, chained, and in the transaction of the act."""

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from peerqa.errors import Invalid
from peerqa.models.moderating.audit import AuditEntry
from peerqa.models.space import Visibility
from peerqa.services import audit, members
from peerqa.services.moderating.audit_acts import ACTS, SUBJECTS, Source
from peerqa.services.moderating.audit_trail import Filter, erase_reasons, list_entries, verify
from tests.conftest import NOON, make_member


@pytest.fixture
def trail(session, organization, admin, bob, question):
    """Four acts of one organization."""
    audit.record(session, "admin.given", by=Source.COMMAND, thing=bob,
                 organization=organization, at=NOON)  # fmt: skip
    audit.record(session, "gate.target", by=admin, thing=organization, at=NOON, target=0.9)
    audit.record(session, "anonymity.asked", by=bob, thing=question, why="A threat ü", at=NOON)
    audit.record(session, "role.changed", by=Source.LMS, thing=bob, organization=organization,
                 at=NOON, role="steward", space=question.space_id)  # fmt: skip
    audit.seal(session)
    return session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()


def refused(session, statement) -> bool:
    try:
        with session.begin_nested():
            session.execute(statement, execution_options={"synchronize_session": False})
    except DBAPIError as error:
        return "append-only" in str(error.orig)
    return False


def unguarded(session, statement):
    """Do what an intruder with all rights on the database could."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("DROP TRIGGER audit_entry_unchanged"))
        session.execute(text("DROP TRIGGER audit_entry_kept"))
    else:
        session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
    session.execute(statement, execution_options={"synchronize_session": False})
    session.expire_all()


def test_every_act_has_a_subject_to_filter_by():
    assert {act.partition(".")[0] for act in ACTS} == set(SUBJECTS)


def test_a_whole_trail_is_well_and_each_organization_has_its_own(
    session, organization, trail, carol
):
    audit.record(session, "token.created", by=carol, thing=carol, at=NOON)
    audit.seal(session)

    assert [entry.number for entry in trail] == [1, 2, 3, 4]
    assert verify(session, organization).broken is None
    assert verify(session, organization).count == 4
    assert verify(session, carol.organization).count == 1


def test_the_database_refuses_to_change_or_remove_a_row(session, organization, trail):
    assert refused(session, delete(AuditEntry))
    for change in ({"act": "gate.target"}, {"why": "Another"}, {"number": 9}, {"actor_id": None},
                   {"hash": "0"}, {"why_digest": None}):  # fmt: skip
        assert refused(session, update(AuditEntry).values(change)), change
    assert verify(session, organization).broken is None


@pytest.mark.parametrize(
    ("change", "number", "reason"),
    [
        (update(AuditEntry).where(AuditEntry.number == 2).values(details="{}"), 2, "changed"),
        (update(AuditEntry).where(AuditEntry.number == 3).values(why="Fun"), 3, "reason"),
        (delete(AuditEntry).where(AuditEntry.number == 2), 2, "missing"),
    ],
)
def test_the_first_row_that_was_tampered_with_is_named(
    session, organization, trail, change, number, reason
):
    unguarded(session, change)

    broken = verify(session, organization).broken

    assert broken is not None
    assert broken.number == number
    assert reason in broken.reason


def test_an_end_that_was_cut_off_is_found_by_the_head_that_was_noted(session, organization, trail):
    noted = verify(session, organization).head
    assert verify(session, organization, expected=trail[1].hash).broken is None
    unguarded(session, delete(AuditEntry).where(AuditEntry.number == 4))

    assert verify(session, organization).broken is None
    assert verify(session, organization, expected=noted).broken is not None


def test_a_reason_can_be_erased_and_the_chain_holds(session, organization, trail, bob):
    assert erase_reasons(session, organization=organization, member=bob) == 1

    session.expire_all()
    verdict = verify(session, organization)
    assert (verdict.broken, verdict.erased) == (None, 1)
    assert session.scalars(select(AuditEntry.why)).all() == [None] * 4


def test_what_is_rolled_back_leaves_no_row(session, organization, admin):
    undone = session.begin_nested()
    audit.record(session, "gate.target", by=admin, at=NOON)
    undone.rollback()
    audit.seal(session)

    assert verify(session, organization).count == 0


def test_the_trail_is_read_newest_first_by_page_and_by_filter(
    session, organization, trail, bob, question
):
    page, after = list_entries(session, organization, only=Filter(), limit=3)
    rest, end = list_entries(session, organization, only=Filter(), before=after, limit=3)
    by_bob, _ = list_entries(session, organization, only=Filter(actor_id=bob.id))
    roles, _ = list_entries(session, organization, only=Filter(subject="role", since=NOON))

    assert [entry.row.number for entry in (*page, *rest)] == [4, 3, 2, 1]
    assert end is None
    assert [(entry.row.act, entry.actor) for entry in by_bob] == [("anonymity.asked", bob.name)]
    assert [(entry.thing, entry.details) for entry in roles] == [
        (bob.name, {"role": "steward", "space": question.space_id})
    ]
    with pytest.raises(Invalid):
        list_entries(session, organization, only=Filter(subject="nonsense"))


def test_somebody_who_is_gone_is_named_no_more(session, organization):
    gone = make_member(session, organization, "Gone Soon")
    audit.record(session, "token.created", by=gone, thing=gone, at=NOON)
    session.delete(gone)
    audit.seal(session)

    (entry,), _ = list_entries(session, organization, only=Filter())
    assert entry.actor is None


def test_what_is_about_a_closed_space_is_withheld_from_who_is_not_in_it(
    session, organization, trail, admin, bob, question, space
):
    question.visibility = Visibility.SPACE
    question.space.visibility = Visibility.SPACE
    session.flush()

    entries, _ = list_entries(session, organization, only=Filter(), reader=admin)
    assert [entry.row.act for entry in entries if entry.is_withheld] == [
        "role.changed", "anonymity.asked",
    ]  # fmt: skip
    assert not any(entry.thing or entry.details for entry in entries if entry.is_withheld)

    members.join_space(session, member=admin, space=question.space)
    entries, _ = list_entries(session, organization, only=Filter(), reader=admin)
    assert not any(entry.is_withheld for entry in entries)
