"""What the LMS holds: people, courses, activities, gradebooks, tools. Written as one JSON file.

Pydantic checks the file when it is read; a world of another shape is not taken, and begins anew.
"""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

State = Literal["Active", "Inactive", "Deleted"]


class Thing(BaseModel):
    """A part of the world; unknown fields mean another version wrote it."""

    model_config = ConfigDict(extra="forbid")


class Person(Thing):
    """Somebody with an account here."""

    key: str
    id: str  # the sub that tools get
    given: str = ""
    family: str = ""
    email: str = ""
    what: str = ""  # a word for the log-in page
    is_admin: bool = False
    is_test: bool = False
    is_private: bool = False  # no name and no e-mail goes to tools
    locale: str = "en-GB"

    @property
    def name(self) -> str:
        """What the LMS calls the person."""
        return f"{self.given} {self.family}".strip()


class Membership(Thing):
    """Somebody in a course."""

    person: str  # a key
    roles: list[str]  # short: Learner, Instructor, TeachingAssistant, ContentDeveloper, Mentor
    state: State = "Active"


class Course(Thing):
    """A course, an LTI context."""

    id: str
    title: str
    label: str
    history: list[str] = []
    members: list[Membership] = []

    def find(self, person: Person) -> Membership | None:
        """Return how the person belongs to the course, unless they have left."""
        for member in self.members:
            if member.person == person.key and member.state == "Active":
                return member
        return None


class Link(Thing):
    """An activity of a course, an LTI resource link."""

    id: str
    course: str
    client_id: str
    title: str
    text: str = ""
    url: str = ""  # the target; empty: the tool's own
    custom: dict[str, str] = {}
    history: list[str] = []


class Score(Thing):
    """What a tool sent for somebody last."""

    at: datetime
    given: float | None = None
    maximum: float | None = None
    comment: str = ""
    activity: str = ""
    grading: str = ""

    @property
    def is_visible(self) -> bool:
        """Moodle shows a grade that is final, and erases one that no longer is."""
        return self.grading == "FullyGraded" and self.given is not None


class Column(Thing):
    """A column of a gradebook, an AGS line item; only the tool that made it sees it."""

    id: str
    course: str
    client_id: str
    label: str
    maximum: float
    link: str | None = None
    resource_id: str = ""
    tag: str = ""
    review_url: str | None = None  # None: no submission review; "": at the tool's own target
    scores: dict[str, Score] = {}  # by a person's key


class Tool(Thing):
    """A registered tool, in one deployment."""

    client_id: str
    deployment_id: str
    name: str
    login_url: str
    redirect_urls: list[str]
    target_url: str
    keys_url: str
    scopes: list[str]
    custom: dict[str, str] = {}
    deep_linking_url: str | None = None
    is_active: bool = True


class World(Thing):
    """All of it."""

    people: dict[str, Person] = {}
    courses: dict[str, Course] = {}
    links: dict[str, Link] = {}
    columns: dict[str, Column] = {}
    tools: dict[str, Tool] = {}  # by client id
    last_number: int = Field(100, description="Of ids: no two things share one.")

    def new_id(self) -> str:
        """Return an id that nothing has."""
        self.last_number += 1
        return str(self.last_number)

    def person_of(self, subject: str) -> Person | None:
        """Return whom tools know by this sub; ids are case-sensitive."""
        return next((person for person in self.people.values() if person.id == subject), None)

    def links_of(self, course: Course) -> list[Link]:
        """Return the activities of a course, the oldest first."""
        return [link for link in self.links.values() if link.course == course.id]

    def columns_of(self, course: Course, client_id: str | None = None) -> list[Column]:
        """Return the columns of a course's gradebook; of one tool, or of all."""
        return [
            column
            for column in self.columns.values()
            if column.course == course.id and client_id in {None, column.client_id}
        ]
