"""The pages on which admins look after members."""

import pytest
from sqlalchemy import insert, select

from peerqa import chores, identity
from peerqa.clock import utc_now
from peerqa.models import Member, Membership, Space, Topic
from peerqa.services import members
from peerqa.services.admin import people
from peerqa.services.admin.sources import Sources
from tests.cli.test_chores import Mailbox
from tests.conftest import NOON
from tests.web.conftest import text_of
from tests.web.test_budgets import MOST_QUERIES, counted

LONG, HEBREW, MARKUP = "n" * 200, "‮עינת", "<b onclick=x>Eve</b>"


def test_the_list_finds_shows_and_escapes_every_name(session, browse, organization, admin):
    for name in (LONG, HEBREW, MARKUP):
        members.create_member(session, organization=organization, name=name, at=NOON)
    browser = browse(admin)

    page = browser.get("/admin/members")
    assert all(f"<bdi>{name}</bdi>" in page.text for name in (LONG, HEBREW))
    assert "&lt;b onclick=x&gt;Eve" in page.text
    assert "Nobody here is called like this" in text_of(browser.get("/admin/members?q=xyz"))
    assert browser.get("/admin/members?show=nonsense&after=x&q=%00").status_code == 200


def test_somebody_is_invited_and_comes_in_by_the_mailed_link(
    app, session, browse, admin, monkeypatch
):
    mailbox = Mailbox()
    settings = app.extensions["peerqa.settings"].model_copy(update={"smtp_host": "mail.example"})
    monkeypatch.setitem(app.extensions, "peerqa.mailer", mailbox)
    monkeypatch.setitem(app.extensions, "peerqa.settings", settings)
    browser = browse(admin)

    refused = browser.post("/admin/members/invite", {"email": "eve", "name": HEBREW})
    assert refused.status_code == 422
    assert HEBREW in refused.text
    assert "does not look like" in text_of(refused)
    sent = browser.post("/admin/members/invite", {"email": "eve@example.org", "name": HEBREW})
    assert "on its way" in text_of(browser.get(sent.location))

    key = sent.location.rpartition("/")[2].partition("?")[0]
    chores.handlers(app)[people.INVITATION_MAIL]([key])
    ((address, text),) = mailbox.sent
    link = next(line for line in text.splitlines() if line.startswith("http"))
    found = identity.find_link(session, link.rpartition("/")[2], at=utc_now())
    assert (address, found.member.name) == ("eve@example.org", HEBREW)
    assert (found.expires_at - utc_now()).days >= 6


def test_what_cannot_be_done_is_said_on_the_persons_page(session, browse, admin, bob, space):
    browser = browse(admin)
    own, his = f"/admin/members/{admin.id}", f"/admin/members/{bob.id}"

    for path, sent, said in (
        (f"{own}/admin", {"wanted": "0"}, "is the only admin"),
        (f"{own}/active", {"wanted": "0"}, "cannot shut yourself out"),
        (f"{his}/spaces", {"space": space.id, "role": "king"}, "Choose learner, steward"),
        (f"{his}/department", {"department": "x" * 300}, "1 to 200"),
    ):
        refused = browser.post(path, sent)
        assert refused.status_code in {409, 422}
        assert said in text_of(refused)
    assert "x" * 300 in refused.text
    done = browser.post(f"{his}/spaces", {"space": space.id, "role": "steward"})
    assert "Your changes are saved" in text_of(browser.get(done.location))
    assert "steward of 1 space" in text_of(browser.get("/admin/members"))


def test_a_table_of_departments_is_taken_and_reported(session, browse, admin, bob):
    browser = browse(admin)

    table = "email,department\nbob@example.org,Workshop\nnobody@x.y,IT"
    told = text_of(browser.post("/admin/members/departments", {"table": table}))
    assert "1 member is in another department now" in told
    assert "nobody@x.y" in told
    refused = browser.post("/admin/members/departments", {"table": "email\nx"})
    assert refused.status_code == 422
    assert "email\nx" in refused.text
    assert "Choose a file" in text_of(browser.post("/admin/members/departments", {}))


@pytest.mark.parametrize("count", [10, 1000])
def test_pages_of_admins_ask_the_database_little(
    app, session, browse, organization, admin, space, count
):
    row = {"organization_id": organization.id, "about": "", "created_at": NOON}
    flags = {"is_admin": True, "is_placeholder": False}
    session.execute(insert(Member), [row | flags | {"name": f"M {n}"} for n in range(count)])
    place = {"organization_id": organization.id, "created_at": NOON}
    session.execute(insert(Space), [place | {"name": f"S {n}"} for n in range(count)])
    tag = {"organization_id": organization.id, "about": ""}
    session.execute(insert(Topic), [tag | {"name": f"t-{n}"} for n in range(count)])
    topic = session.scalars(select(Topic.id).where(Topic.name == "t-0")).one()
    for member_id in session.scalars(select(Member.id).where(Member.name.like("M %"))).all():
        session.add(Membership(member_id=member_id, space_id=space.id))
    browser = browse(admin)

    for path in ADDRESSES:
        address = path.format(admin=admin.id, space=space.id, topic=topic)
        session.expunge_all()
        with counted() as statements:
            assert browser.get(address).status_code == 200
        assert len(statements) <= MOST_QUERIES, (path, statements)
    assert isinstance(app.extensions["peerqa.sources"], Sources)


ADDRESSES = [
    "/admin",
    "/admin/members",
    "/admin/members?q=m&show=stewards",
    "/admin/members/{admin}",
    "/admin/members/invite",
    "/admin/members/departments",
    "/admin/spaces",
    "/admin/spaces/new",
    "/spaces/{space}/settings",
    "/spaces/{space}/people",
    "/admin/settings",
    "/admin/appearance",
    "/admin/legal",
    "/admin/mail",
    "/appearance.css",
    "/admin/retention",
    "/admin/topics",
    "/admin/topics?q=t&show=unused",
    "/admin/topics/{topic}",
    "/admin/topics/{topic}/join?into=t-1",
]
