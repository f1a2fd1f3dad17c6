"""From a verified launch to a member in a space: the one place where a launch changes the core.

LTI Core 1.3 sections 5.3.6 to 5.4.1. Harmless twice. The LMS decides the role in the space of its
course, at each launch; where courses share a space, the role that may most of all of them.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from lti.launching.launch import Launch
from lti.launching.refusals import MemberSuspended
from lti.models import Account, Context, Deployment, Enrolment, Origin, Platform
from lti.people import accounts, roles
from lti.people.courses import find_or_make_context
from peerqa.database import insert_once, one_line
from peerqa.models import Member, Space
from peerqa.models.department import DepartmentSource
from peerqa.models.space import Role
from peerqa.permissions import is_steward
from peerqa.services import audit, members
from peerqa.services.moderating import kept_out, suspensions
from peerqa.services.moderating.audit_acts import Source
from peerqa.services.organizations import MAX_NAME, is_visible
from peerqa.services.preferences import note_launch_language

MOST_ORIGINS = 50  # of an organization


@dataclass(frozen=True)
class Enrolled:
    """Who a launch is, and where; outside of courses there is no context."""

    member: Member
    account: Account
    context: Context | None
    space: Space | None


def enrol(
    session: Session, launch: Launch, platform: Platform, deployment: Deployment, *, at: datetime
) -> Enrolled:
    """Bring in who launched: member, space, role, department; and who may frame PeerQA.

    Args:
        launch: verified, and not anonymous.
        deployment: approved.

    Raises:
        MemberClosed: an admin made them inactive.
        MemberSuspended: they are kept out for a while.
    """
    assert launch.subject is not None, "anonymous launches are shown a page, and enrol nobody"
    organization = deployment.organization
    rules = roles.read_rules(session, organization.id)
    standing = roles.judge(launch.roles, rules)
    account = accounts.find_or_make_account(
        session, platform=platform, organization=organization, subject=launch.subject,
        name=launch.name, email=launch.email, is_test=standing.is_test, at=at,
    )  # fmt: skip
    accounts.wake(session, account)
    _refuse_suspended(account.member, at=at)
    account.seen_at = at
    if launch.roles:
        # who keeps a shared registration decides for their own organization alone
        trusts = platform.trusts_administrators and platform.organization_id == organization.id
        is_trusted = trusts and standing.is_administrator
        accounts.set_admin(session, account, is_administrator=is_trusted, at=at)
    _set_department(session, launch, platform, account.member)
    note_launch_language(session, member=account.member, tag=launch.locale)
    _learn_origins(session, launch, deployment)
    context = None
    if launch.course is not None:
        context = find_or_make_context(
            session, deployment=deployment, launch=launch, course=launch.course, at=at
        )
        enter_course(session, account, context, received=launch.roles, rules=rules, at=at)
    return Enrolled(account.member, account, context, context.space if context else None)


def enter_course(
    session: Session,
    account: Account,
    context: Context,
    *,
    received: tuple[str, ...],
    rules: dict[str, Role],
    at: datetime,
) -> None:
    """Put somebody into a course, and into its space in the role that they have now."""
    row = _find_enrolment(session, account, context)
    if row is None:
        insert_once(
            session, Enrolment, context_id=context.id, account_id=account.id,
            roles=list(received), created_at=at, seen_at=at,
        )  # fmt: skip
        row = _find_enrolment(session, account, context)
        assert row is not None, "it was made by this call or by another"
    row.roles, row.seen_at, row.left_at = list(received), at, None
    session.flush()
    role = role_in(session, account.member, context.space, rules)
    give_role(session, account.member, context.space, role, at=at)


def _find_enrolment(session: Session, account: Account, context: Context) -> Enrolment | None:
    return session.scalars(
        select(Enrolment).where(
            Enrolment.context_id == context.id, Enrolment.account_id == account.id
        )
    ).one_or_none()


def _refuse_suspended(member: Member, *, at: datetime) -> None:
    if kept_out.is_suspended(member, at=at):
        refusal = MemberSuspended(**suspensions.context_for(member))
        refusal.sentence = suspensions.sentence_for(member)
        raise refusal


def give_role(session: Session, member: Member, space: Space, role: Role, *, at: datetime) -> None:
    """Put a member into a space; that they become its steward, or are it no more, is audited."""
    was_steward = is_steward(member, space.id)
    members.join_space(session, member=member, space=space, role=role)
    if was_steward != (role is Role.STEWARD):
        audit.record(
            session, "role.changed", by=Source.LMS, thing=member,
            organization=member.organization_id, at=at, space=space.id, role=role.value,
        )  # fmt: skip


def role_in(session: Session, member: Member, space: Space, rules: dict[str, Role]) -> Role:
    """Return the role that the member's courses give them in a space."""
    received = session.scalars(
        select(Enrolment.roles)
        .join(Enrolment.context)
        .join(Enrolment.account)
        .where(
            Context.space_id == space.id,
            Account.member_id == member.id,
            Enrolment.left_at.is_(None),
        )
    )
    standings = {roles.judge(of_a_course, rules).role for of_a_course in received}
    return Role.STEWARD if Role.STEWARD in standings else Role.LEARNER


def _set_department(session: Session, launch: Launch, platform: Platform, member: Member) -> None:
    name = launch.custom.get(platform.department_parameter or "", "")
    if is_visible(tidy := one_line(name)[:MAX_NAME]):
        members.set_department(session, member=member, name=tidy, source=DepartmentSource.LMS)


def _learn_origins(session: Session, launch: Launch, deployment: Deployment) -> None:
    """Note who frames PeerQA, up to as many as fit into a header.

    What a registration that is switched off has learned is this one's now, if it says the same.
    """
    known = {
        row.origin: row
        for row in session.scalars(
            select(Origin)
            .where(Origin.organization_id == deployment.organization_id)
            .options(joinedload(Origin.platform))
        )
    }
    for origin in launch.origins:
        if origin in known and known[origin].platform.disabled_at is not None:
            known[origin].platform = deployment.platform
    living = sum(row.platform.disabled_at is None for row in known.values())
    new = [origin for origin in launch.origins if origin not in known]
    for origin in new[: max(0, MOST_ORIGINS - living)]:
        insert_once(
            session, Origin, organization_id=deployment.organization_id,
            platform_id=deployment.platform_id, origin=origin,
        )  # fmt: skip
