"""What LMS roles become here, and where an organization wants it otherwise.

The table itself is lti/people/roles.py; a rule of an organization is a row that differs from it.
Rules hold from the next launch or roster on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.utils import redirect

from lti.models import Account, Enrolment, RoleRule
from lti.pages import lti
from lti.people import roles
from peerqa.clock import utc_now
from peerqa.database import db, hold, storable, transaction
from peerqa.errors import N_, Invalid
from peerqa.gate import Audience, open_to
from peerqa.models.space import Role
from peerqa.services import audit

SHOWN = (
    "Instructor", "TeachingAssistant", "ContentDeveloper", "Administrator", "Manager", "Learner",
    "Grader", "Mentor", "Observer", "Member", "Officer",
)  # fmt: skip
MAX_RULES, MAX_ROLE = 100, 255
RECENT = timedelta(days=90)
SEEN_ENROLMENTS = 500


@dataclass(frozen=True)
class Rule:
    """A role, what the table makes of it, and what this organization does."""

    role: str  # full URI
    usual: Role
    chosen: Role

    @property
    def name(self) -> str:
        """The part that people know."""
        return self.role.rpartition("#")[2] or self.role

    @property
    def is_of_course(self) -> bool:
        """Whether it is one of the simple course roles, whose names say all."""
        return roles.full_uri(self.name) == self.role


@lti.get("/admin/lms/roles")
@open_to(Audience.ADMINS)
def show_roles() -> ResponseReturnValue:
    """Show the table with the organization's own rules."""
    return _show()


@lti.post("/admin/lms/roles")
@open_to(Audience.ADMINS)
def save_roles() -> ResponseReturnValue:
    """Keep what differs from the table, and nothing else."""
    try:
        with transaction() as session:
            _save(session, g.member.organization_id)
            audit.record(session, "role.rules", by=g.member, at=utc_now())
    except Invalid as refusal:
        return _show(refusal)
    return redirect(url_for("lti.show_roles", said="edited"), 303)


def _save(session: Session, organization_id: int) -> None:
    wanted = {
        role: _read_choice(chosen)
        for role, chosen in zip(
            request.form.getlist("role"), request.form.getlist("becomes"), strict=False
        )
    }
    if added := storable(request.form.get("added", "").strip()):
        wanted[_read_role(added)] = _read_choice(request.form.get("added_becomes", ""))
    kept = {
        _read_role(role): becomes for role, becomes in wanted.items() if becomes is not usual(role)
    }
    if len(kept) > MAX_RULES:
        raise Invalid(N_("At most %(most)s roles can differ."), most=MAX_RULES)
    hold(session, g.member.organization)  # two admins may save at once
    session.execute(delete(RoleRule).where(RoleRule.organization_id == organization_id))
    session.add_all(
        RoleRule(organization_id=organization_id, role=role, becomes=becomes.value)
        for role, becomes in kept.items()
    )


def usual(role: str) -> Role:
    """Return what the table makes of a role in a course."""
    return roles.judge([role], {}).role


def _read_role(text: str) -> str:
    role = roles.full_uri(storable(text.strip()))
    if len(role) > MAX_ROLE or not role.isprintable() or " " in role:
        raise Invalid(
            N_("A role is an address like %(example)s."),
            field="added",
            example=roles.full_uri("Mentor"),
        )
    return role


def _read_choice(text: str) -> Role:
    try:
        return Role(text)
    except ValueError:
        raise Invalid(N_("Choose steward or learner for each role.")) from None


def _show(refusal: Invalid | None = None) -> ResponseReturnValue:
    session, organization_id = db.session(), g.member.organization_id
    rules = roles.read_rules(session, organization_id)
    listed = dict.fromkeys(
        [
            *(roles.full_uri(name) for name in SHOWN),
            *sorted(rules),
            *_list_received(session, organization_id),
        ]
    )
    table = [Rule(role, usual(role), rules.get(role, usual(role))) for role in listed]
    page = render_template(
        "lti/roles.html",
        table=table,
        added=request.form.get("added", "") if refusal else "",
        field=refusal.field if refusal else None,
        error=gettext(refusal.sentence, **refusal.context) if refusal else "",
    )
    return page, refusal.status if refusal else 200


def _list_received(session: Session, organization_id: int) -> Sequence[str]:
    """Return roles that came lately and that the table does not list; of the course alone."""
    received = session.scalars(
        select(Enrolment.roles)
        .join(Account, Account.id == Enrolment.account_id)
        .where(Account.organization_id == organization_id, Enrolment.seen_at > utc_now() - RECENT)
        .order_by(Enrolment.seen_at.desc())
        .limit(SEEN_ENROLMENTS)
    )
    found = {roles.full_uri(role) for each in received for role in each if isinstance(role, str)}
    return sorted(role for role in found if "/membership" in role and len(role) <= MAX_ROLE)[:50]
