"""Courses: each context of a deployment is a space, named after it.

LTI Core 1.3 section 5.4.1. Two courses of one title are two spaces: the second is "Title (2)". A
course that is renamed takes its space's name along, unless somebody has renamed the space here, or
several courses share it.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti.launching.launch import Course, Launch
from lti.models import Context, Deployment
from peerqa.database import hold, one_line
from peerqa.errors import N_
from peerqa.models import Space
from peerqa.services import spaces
from peerqa.services.organizations import is_visible

UNTITLED = N_("Course")


def find_or_make_context(
    session: Session, *, deployment: Deployment, launch: Launch, course: Course, at: datetime
) -> Context:
    """Return the context of a launch, brought up to date; the first time makes its space too."""
    context = find_context(session, deployment, course.id)
    if context is None:
        hold(session, deployment)  # of two first launches, the second finds what the first made
        context = find_context(session, deployment, course.id)
    if context is None:
        context = _make(session, deployment, course, at=at)
    elif course.title and course.title != context.title:
        _rename(session, context, course.title)
    context.launched_at = at
    _note_services(context, launch, at=at)
    session.flush()
    return context


def find_context(session: Session, deployment: Deployment, context_id: str) -> Context | None:
    """Return the context of this id, or None."""
    return session.scalars(
        select(Context).where(
            Context.deployment_id == deployment.id, Context.context_id == context_id
        )
    ).one_or_none()


def list_contexts(session: Session, space: Space) -> Sequence[Context]:
    """Return the courses that are this space; mostly one."""
    return session.scalars(
        select(Context).where(Context.space_id == space.id).order_by(Context.id)
    ).all()


def _make(session: Session, deployment: Deployment, course: Course, *, at: datetime) -> Context:
    space = spaces.make_new_space(
        session, organization=deployment.organization, name=_called(course.title), at=at
    )
    context = Context(
        deployment=deployment,
        context_id=course.id,
        space=space,
        title=course.title,
        created_at=at,
        launched_at=at,
        grade_scopes=[],
    )
    session.add(context)
    session.flush()
    return context


def _rename(session: Session, context: Context, title: str) -> None:
    sharing = session.scalar(
        select(func.count()).select_from(Context).where(Context.space_id == context.space_id)
    )
    if sharing == 1 and _is_named_after(context.space, context.title):
        spaces.rename_space(session, space=context.space, name=_called(title))
    context.title = title


def _called(title: str) -> str:
    """Return the title, or a word for one in which nothing can be seen."""
    return title if is_visible(one_line(title)) else UNTITLED


def _is_named_after(space: Space, title: str) -> bool:
    named = spaces.tidy_name(_called(title))
    return space.name == named or (
        space.name.startswith(f"{named} (") and space.name[len(named) + 2 : -1].isdigit()
    )


def _note_services(context: Context, launch: Launch, *, at: datetime) -> None:
    """Keep what this launch offers; what it leaves out may be offered by another link."""
    if launch.roster_url:
        context.roster_url = launch.roster_url
        context.roster_due_at = context.roster_due_at or at
    if launch.grades is not None:
        context.line_items_url = launch.grades.line_items_url or context.line_items_url
        context.grade_scopes = sorted({*context.grade_scopes, *launch.grades.scopes})
