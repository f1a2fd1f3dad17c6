"""Founding the demo company in the database, by the same use cases that the pages call."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from peerqa.demo.company import FOLDER, load_company
from peerqa.demo.inbox import read_old_news
from peerqa.demo.shapes import Company, Person
from peerqa.demo.threads import Scene, link_duplicate, play
from peerqa.errors import N_, PeerQAError
from peerqa.models import ImportBatch, ImportedThing, Member, Organization, Question, Space
from peerqa.models.space import Role, Visibility
from peerqa.services import members, organizations, spaces, topics
from peerqa.services.recognition.checking import settle_all

SOURCE = "demo"  # of the imported things that map a thread's key to its question
FOUNDED = timedelta(days=800)  # ago; before the oldest thread
LEFT = timedelta(days=20)


# The firm asks for less than the usual .8: the careful prior, which nobody's feedback has overtaken
# here yet, underestimates itself on its long stories. Of what this target lets through, .79 was
# right on questions that were typed for it and held back from all fitting, half of which have no
# answer.
PRECISION_TARGET = 0.48


class RealOrganization(PeerQAError):
    """The database belongs to somebody."""

    code = "real-organization"


def seed(session: Session, *, at: datetime, folder: Path = FOLDER) -> bool:
    """Found the company, or add the threads that a newer version of it has; harmless twice.

    Returns:
        Whether anything was added.

    Raises:
        RealOrganization: the database has an organization that is no demo.
    """
    _refuse_real_organizations(session)
    edition = f"{SOURCE} {_digest(folder)}"
    if session.scalars(select(ImportBatch.id).where(ImportBatch.source == edition)).first():
        return False
    company = load_company(folder)
    organization = organizations.make_organization(
        session, name=company.organization, at=at - FOUNDED, is_demo=True
    )
    organization.precision_target = PRECISION_TARGET
    batch = ImportBatch(organization_id=organization.id, source=edition, created_at=at)
    session.add(batch)
    scene = _set_scene(session, company, organization, at=at)
    _play_threads(scene, company, batch)
    for person in company.people.values():
        if person.has_left:
            scene.members[person.key].inactive_at = at - LEFT
    session.flush()
    settle_all(session, organization, at=at)
    read_old_news(session, organization, at=at)
    return True


def find_organization(session: Session) -> Organization | None:
    """Return the demo company, or None before it is founded."""
    return session.scalars(select(Organization).where(Organization.is_demo)).first()


def list_questions(session: Session, organization: Organization) -> Mapping[str, Question]:
    """Return the question of each thread, by the thread's key."""
    rows = session.execute(
        select(ImportedThing.external_id, Question)
        .join(Question, Question.id == ImportedThing.thing_id)
        .where(
            ImportedThing.organization_id == organization.id,
            ImportedThing.source == SOURCE,
            ImportedThing.kind == "question",
        )
    )
    return {key: question for key, question in rows}


def _refuse_real_organizations(session: Session) -> None:
    for organization in organizations.list_organizations(session):
        if not organization.is_demo:
            raise RealOrganization(
                N_("This database belongs to %(name)s, so the demo will not use it. "
                   "Give the demo a folder of its own with PEERQA_HOME."),
                name=organization.name,
            )  # fmt: skip


def _digest(folder: Path) -> str:
    """Return a name for this text of the company, found quicker than the YAML is read."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.yaml")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _set_scene(
    session: Session, company: Company, organization: Organization, *, at: datetime
) -> Scene:
    founded = at - FOUNDED
    places = {
        space.name: spaces.make_space(
            session,
            organization=organization,
            name=space.name,
            description=space.description,
            visibility=Visibility.SPACE if space.is_closed else Visibility.ORGANIZATION,
            at=founded,
        )
        for space in company.spaces
    }
    people = {
        person.key: _make_member(session, organization, person, places, at=founded)
        for person in company.people.values()
    }
    for written in company.topics:
        topic = topics.make_topics(session, organization.id, [written.name])[0]
        topic.about = written.about
        for name in written.synonyms:
            topics.add_synonym(session, topic=topic, name=name)
    session.flush()
    return Scene(session, at, company, places, people, dict(list_questions(session, organization)))


def _make_member(
    session: Session,
    organization: Organization,
    person: Person,
    places: Mapping[str, Space],
    *,
    at: datetime,
) -> Member:
    member = members.find_member_by_email(session, organization, person.email)
    if member is not None:
        member.inactive_at = None  # until all threads are there: who has left wrote before
        return member
    member = members.create_member(
        session,
        organization=organization,
        name=person.name,
        email=person.email,
        is_admin=person.is_admin,
        at=at,
    )
    member.time_zone = "Europe/Amsterdam"
    members.set_department(session, member=member, name=person.department)
    for name in sorted(person.spaces):
        role = Role.STEWARD if name in person.steward_of else Role.LEARNER
        members.join_space(session, member=member, space=places[name], role=role)
    return member


def _play_threads(scene: Scene, company: Company, batch: ImportBatch) -> None:
    new = [thread for thread in company.threads if thread.key not in scene.questions]
    for thread in new:
        question = scene.questions[thread.key] = play(scene, thread)
        scene.session.add(
            ImportedThing(
                organization_id=question.organization_id,
                batch_id=batch.id,
                source=SOURCE,
                kind="question",
                external_id=thread.key,
                thing_id=question.id,
            )
        )
    for thread in new:
        link_duplicate(scene, thread)
