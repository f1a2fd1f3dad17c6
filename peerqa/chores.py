"""What the worker does besides the index: mail with sign-in links, and tidying up.

Each is harmless twice: a second mail has a second link, and what was tidied away is gone.
"""

import smtplib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog
from flask import Flask
from sqlalchemy import select

from peerqa import identity, languages, mail
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_
from peerqa.mail import Mailer
from peerqa.models import Member
from peerqa.outbox import Handler
from peerqa.services import look_ups, organizations
from peerqa.services.admin import people
from peerqa.services.admin.defaults import days_kept
from peerqa.services.answering import following, nudging
from peerqa.services.asking import drafts, pictures
from peerqa.services.moderating import limits
from peerqa.services.moderating.kept_out import is_active
from peerqa.services.notifying import old_news
from peerqa.services.preferences import language_of
from peerqa.services.recognition import checking, fair_play
from peerqa.services.upkeep import reviews, verifying
from peerqa.services.upkeep.risk import list_due
from peerqa.settings import Settings
from peerqa.worker import Timer

SUBJECT = N_("Your sign-in link for PeerQA")
TEXT = N_(
    "Open this link to sign in. It works once, for %(minutes)s minutes:\n\n%(link)s\n\n"
    "If you did not ask for it, there is nothing you need to do.\n"
)
INVITATION = N_("You are invited to PeerQA")
INVITATION_TEXT = N_(
    "%(organization)s asks and answers questions with PeerQA, and you are invited.\n"
    "Open this link to sign in. It works once, for %(days)s days:\n\n%(link)s\n"
)
HOUR, DAY = 3600.0, 86400.0

log = structlog.get_logger()


@dataclass(frozen=True)
class Mail:
    """What a mail with a link says."""

    subject: str
    text: str


def handlers(app: Flask) -> Mapping[str, Handler]:
    """Return what is done about each topic of the outbox."""
    return {
        identity.SIGN_IN_MAIL: _link_mail(app, _write_sign_in_mail),
        people.INVITATION_MAIL: _link_mail(app, _write_invitation),
        reviews.TOPIC: _review(app),
        following.TOPIC: partial(following.tell_followers, now=utc_now),
    }


def timers(app: Flask) -> Sequence[Timer]:
    """Return what is done again and again."""
    settings: Settings = app.extensions["peerqa.settings"]
    return [
        Timer("old-evidence", DAY, lambda: _delete_old_evidence(settings)),
        Timer("old-drafts", DAY, lambda: _delete_old_drafts(settings)),
        Timer("old-news", DAY, lambda: _delete_old_news(settings)),
        Timer("nudges", HOUR, _nudge_askers),
        Timer("ended-verifications", HOUR, _end_verifications),
        Timer("queued-reviews", HOUR, lambda: _review_queued(settings)),
        Timer("due-reviews", DAY, lambda: _find_due(settings)),
        Timer("ledger", DAY, _settle_ledgers, is_aside=True),
        Timer("fair-play", DAY, _find_unfair, is_aside=True),
        Timer("ended-sign-ins", HOUR, lambda: _delete_ended_sign_ins(settings)),
    ]


def _link_mail(app: Flask, write: Callable[[Settings, Member], Mail]) -> Handler:
    settings: Settings = app.extensions["peerqa.settings"]

    def send(keys: Sequence[str]) -> None:
        mailer: Mailer = app.extensions["peerqa.mailer"]
        if not mail.is_configured(settings):
            log.warning("sign-in-mail.no-mail-server")
            return
        for key in keys:
            _send_link(mailer, partial(write, settings), member_id=int(key))

    return send


def _write_sign_in_mail(settings: Settings, member: Member) -> Mail:
    token = _make_link(member, minutes=settings.link_minutes)
    words, link = (
        languages.catalogue(language_of(member)),
        identity.link_address(settings.address, token),
    )
    text = words.gettext(TEXT) % {"minutes": settings.link_minutes, "link": link}
    return Mail(words.gettext(SUBJECT), text)


def _write_invitation(settings: Settings, member: Member) -> Mail:
    token = _make_link(member, minutes=people.INVITATION_DAYS * 24 * 60)
    words = languages.catalogue(language_of(member))
    text = words.gettext(INVITATION_TEXT) % {
        "organization": member.organization.called,
        "days": people.INVITATION_DAYS,
        "link": identity.link_address(settings.address, token),
    }
    return Mail(words.gettext(INVITATION), text)


def _make_link(member: Member, *, minutes: int) -> str:
    return identity.make_link(db.session(), member, at=utc_now(), minutes=minutes)


def _send_link(mailer: Mailer, write: Callable[[Member], Mail], *, member_id: int) -> None:
    with transaction() as session:
        member = session.scalars(
            select(Member).where(
                Member.id == member_id,
                Member.email.is_not(None),
                is_active(utc_now()),
            )
        ).one_or_none()
        if member is None:
            return  # left since, or is suspended
        written = write(member)
    try:
        mailer.send(to=str(member.email), subject=written.subject, text=written.text)
    except smtplib.SMTPRecipientsRefused:
        log.warning("sign-in-mail.address-refused", member=member_id)  # for good: no second try


def _delete_old_evidence(settings: Settings) -> None:
    with transaction() as session:
        for each in organizations.list_organizations(session):
            days = days_kept(each, "evidence", settings.evidence_days)
            look_ups.delete_old(session, at=utc_now(), days=days, organization=each)


def _delete_old_drafts(settings: Settings) -> None:
    with transaction() as session:
        for each in organizations.list_organizations(session):
            days = days_kept(each, "draft", settings.draft_days)
            drafts.delete_old(session, at=utc_now(), days=days, organization=each)
            pictures.delete_loose(session, at=utc_now(), days=days, organization=each)


def _delete_old_news(settings: Settings) -> None:
    with transaction() as session:
        for each in organizations.list_organizations(session):
            days = days_kept(each, "news", settings.notification_days)
            old_news.delete_old(session, organization=each, at=utc_now(), days=days)


def _delete_ended_sign_ins(settings: Settings) -> None:
    with transaction() as session:
        identity.delete_ended(session, at=utc_now(), days=settings.sign_in_days)
        limits.delete_past(session, at=utc_now())


def _end_verifications() -> None:
    with transaction() as session:
        verifying.end_verifications(session, at=utc_now())


def _review(app: Flask) -> Handler:
    settings: Settings = app.extensions["peerqa.settings"]

    def review(keys: Sequence[str]) -> None:
        with transaction() as session:
            ids = [int(key) for key in keys]
            reviews.review_answers(session, ids, days=settings.review_days, at=utc_now())

    return review


def _review_queued(settings: Settings) -> None:
    with transaction() as session:
        reviews.review_queued(session, days=settings.review_days, at=utc_now())


def _find_due(settings: Settings) -> None:
    """Read first, in no write transaction: of many answers it takes seconds."""
    at = utc_now()
    for organization_id in [each.id for each in organizations.list_organizations(db.session())]:
        due = list_due(db.session(), organization_id, days=settings.review_days, at=at)
        db.session().rollback()
        with transaction() as session:
            reviews.review_all(session, organization_id, due, at=at)


def _settle_ledgers() -> None:
    """Bring into the ledger what is older than it: read first, then some posts at a time."""
    for each in organizations.list_organizations(db.session()):
        found = checking.compare(db.session(), each)
        db.session().rollback()
        for posts in checking.in_parts(found.post_ids):
            with transaction() as session:
                checking.settle_some(session, posts, [], at=utc_now())
        if found.miscounted:
            with transaction() as session:
                checking.settle_some(session, [], found.miscounted, at=utc_now())


def _find_unfair() -> None:
    """Read first, in no write transaction, then a case at a time."""
    for organization_id in [each.id for each in organizations.list_organizations(db.session())]:
        found = fair_play.look(db.session(), organization_id, at=utc_now())
        db.session().rollback()
        for each in found:
            with transaction() as session:
                fair_play.take_back(session, organization_id, each, at=utc_now())


def _nudge_askers() -> None:
    while True:
        with transaction() as session:
            if nudging.nudge_askers(session, at=utc_now()) < nudging.MOST_AT_ONCE:
                return
