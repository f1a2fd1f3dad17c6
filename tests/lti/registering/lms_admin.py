"""What the admin of an LMS does in the browser to register PeerQA."""

import html
import re

from lti.models import Invitation, Platform

TOKEN = "the platform's token"


def begin(client, invitation, lms, **more):
    query = {
        "invitation": invitation,
        "openid_configuration": f"{lms.address}/openid",
        "registration_token": TOKEN,
    }
    return client.get("/lti/register", query_string=query | more)


def fields_of(page) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return {name: html.unescape(value) for name, value in found}


def confirm(client, page, **more):
    return client.post("/lti/register", data=fields_of(page) | more)


def is_usable(session, invitation) -> bool:
    session.expire_all()
    (row,) = session.query(Invitation)
    return row.used_at is None


def nothing_is_kept(session, invitation) -> bool:
    return session.query(Platform).count() == 0 and is_usable(session, invitation)
