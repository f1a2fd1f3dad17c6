"""One person from two LMSs: a code made as the one, entered as the other."""

from sqlalchemy import select

from lti.models import Account
from lti.people import accounts
from peerqa.models.moderating.audit import AuditEntry
from tests.conftest import NOON
from tests.lti.test_binding import value_in


def account_of(session, platform, member) -> Account:
    account = Account(
        platform=platform,
        organization_id=member.organization_id,
        subject=f"subject-{member.id}",
        member=member,
        created_at=NOON,
    )
    session.add(account)
    session.flush()
    return account


def test_accounts_are_joined_by_a_code_and_a_second_look(
    session, platform, browse, alice, bob, question
):
    account = account_of(session, platform, alice)
    session.commit()
    as_alice, as_bob = browse(alice), browse(bob)
    assert "I have another account here" in as_bob.get(f"/members/{bob.id}").text
    page = as_alice.post("/lti/accounts/code")
    code = page.text.partition("<code>")[2].partition("</code>")[0]

    asked = as_bob.post("/lti/accounts/check", {"code": code})
    assert "Are you both Bob Builder and Alice Asker?" in asked.text
    joined = as_bob.post("/lti/accounts/join", {"code": value_in(asked.text, "code")})

    assert joined.status_code == 303
    assert "Your accounts are one now." in as_bob.get(joined.headers["Location"]).text
    assert "moodle.example" in as_bob.get("/lti/accounts").text
    session.expire_all()
    assert account.member is bob
    assert question.author is bob
    assert as_alice.get("/").status_code == 401
    assert as_bob.post("/lti/accounts/join", {"code": code}).status_code == 422


def test_a_code_of_elsewhere_is_refused_beside_its_field(session, browse, bob, carol):
    session.commit()
    code = browse(carol).post("/lti/accounts/code").text
    code = code.partition("<code>")[2].partition("</code>")[0]

    for path in ("check", "join"):
        refused = browse(bob).post(f"/lti/accounts/{path}", {"code": code})
        assert refused.status_code == 422
        assert "not of this place" in refused.text


def test_a_launch_takes_back_what_a_launch_gave_and_nothing_else(
    session, platform, browse, alice, bob
):
    given = account_of(session, platform, alice)
    accounts.set_admin(session, given, is_administrator=True, at=NOON)
    bob.is_admin = True  # by a command
    session.commit()
    code = browse(alice).post("/lti/accounts/code").text
    code = code.partition("<code>")[2].partition("</code>")[0]
    browse(bob).post("/lti/accounts/join", {"code": code})
    session.expire_all()

    accounts.set_admin(session, given, is_administrator=False, at=NOON)

    assert given.member is bob
    assert bob.is_admin


def test_a_launch_takes_the_role_from_nobody_who_is_the_last_admin(session, platform, alice, bob):
    account = account_of(session, platform, alice)
    for others, stays in ((False, True), (True, False)):
        alice.is_admin, bob.is_admin = False, others
        accounts.set_admin(session, account, is_administrator=True, at=NOON)
        for _launch in range(2):
            accounts.set_admin(session, account, is_administrator=False, at=NOON)
        assert alice.is_admin is stays

    acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["admin.given", "admin.kept", "admin.given", "admin.taken"]
