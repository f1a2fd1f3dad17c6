"""Who may frame PeerQA: known origins, from the database at most once a minute but for frames."""

import pytest
from flask import Flask

from lti.launching.framing import FramedBy
from lti.models import Origin
from tests.conftest import NOON
from tests.statements import noted_statements


@pytest.fixture
def learned(session, platform) -> int:
    """An origin of the organization; returns the organization."""
    session.add(
        Origin(
            organization_id=platform.organization_id,
            platform_id=platform.id,
            origin="https://one.example",
        )
    )
    session.commit()
    return platform.organization_id


def ask(app: Flask, framed_by: FramedBy, organization_id: int, **headers: str):
    with app.test_request_context("/", headers=headers):
        first = tuple(framed_by(organization_id))
        with noted_statements() as seen:
            assert tuple(framed_by(organization_id)) == first  # twice in a reply: one query
        assert seen == []
        return first


def test_they_are_kept_for_a_minute_but_a_frame_asks_anew(app, session, platform, learned):
    framed_by = FramedBy()
    assert ask(app, framed_by, learned) == ("https://one.example",)
    session.add(
        Origin(organization_id=learned, platform_id=platform.id, origin="https://two.example")
    )
    session.commit()

    assert ask(app, framed_by, learned) == ("https://one.example",)
    both = ("https://one.example", "https://two.example")
    assert ask(app, framed_by, learned, **{"Sec-Fetch-Dest": "iframe"}) == both
    assert ask(app, framed_by, learned) == both


def test_a_platform_that_is_switched_off_frames_nothing(app, session, platform, learned):
    platform.disabled_at = NOON
    session.commit()

    assert ask(app, FramedBy(), learned) == ()


def test_origins_of_one_organization_are_not_anothers(app, session, carol, learned):
    assert ask(app, FramedBy(), carol.organization_id) == ()
