"""Whether e-mail arrives: a letter to the admin who asks, and what the mail server said to it."""

from flask import make_response
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from peerqa import mail
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import Conflict, TooSoon
from peerqa.gate import Audience, open_to, settings
from peerqa.services.admin import mail_tests
from peerqa.web.pages import is_htmx, me, pages, see, show


@pages.get("/admin/mail")
@open_to(Audience.ADMINS)
def show_mail_test() -> ResponseReturnValue:
    """Show what is set, and what came of the last test."""
    return _show()


@pages.post("/admin/mail")
@open_to(Audience.ADMINS)
def test_mail() -> ResponseReturnValue:
    """Ask the worker for a letter; nothing waits for the mail server here."""
    try:
        with transaction() as session:
            has_mail = mail.is_configured(settings())
            mail_tests.ask_for_test(session, by=me(), has_mail=has_mail, at=utc_now())
    except (Conflict, TooSoon) as refusal:
        return _show(refusal)
    return see("show_mail_test")


def _show(refusal: Conflict | TooSoon | None = None) -> ResponseReturnValue:
    found, now = settings(), utc_now()
    test = mail_tests.find_last(db.session(), me())
    response = make_response(
        show(
            "admin/_mail_outcome.html" if is_htmx() else "admin/mail.html",
            status=refusal.status if refusal else 200,
            test=test,
            is_late=test is not None and mail_tests.is_late(test, at=now),
            server=f"{found.smtp_host}:{found.smtp_port}",
            sender=found.mail_from,
            has_mail=mail.is_configured(found),
            has_address=bool(found.public_url),
            error=gettext(refusal.sentence, **refusal.context) if refusal else "",
        )
    )
    if isinstance(refusal, TooSoon):
        response.headers["Retry-After"] = str(int(mail_tests.PAUSE.total_seconds()))
    return response
