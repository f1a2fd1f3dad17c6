"""The academy as it opens: three courses, the people one may be, and one tool in each course.

Its people have joined Northwind Cargo Cycles lately: PeerQA does not know them until they come.
"""

from peerqa.demo.lms.config import LmsConfig
from peerqa.demo.lms.world import Course, Link, Membership, Person, Tool, World
from peerqa.demo.registration import CLIENT_ID, COURSES, DEPLOYMENT_ID, SCOPES

PEOPLE = (
    Person(key="noor", id="a41f6c02", given="Noor", family="van Dijk", what="learner"),
    Person(key="emil", id="0c93d7be", given="Emil", family="Novák", what="second learner"),
    Person(key="petra", id="77e05ad1", given="Petra", family="Lindholm", what="teacher"),
    Person(key="samir", id="d2b8194f", given="Samir", family="Rahimi", what="teaching assistant"),
    Person(key="ilse", id="19cc4e60", given="Ilse", family="Vermeer", what="admin", is_admin=True),
    Person(
        key="quiet", id="5ea7b3f8", given="Robin", family="Private",
        what="no personal data is passed on", is_private=True,
    ),
    Person(key="test", id="f00d1234", given="Test", family="Student",
           what="test student", is_test=True),
    Person(key="tove", id="B6610e9d", given="Tove", family="Berg"),
    Person(key="marek", id="b6610e9d", given="Marek", family="Dvořák"),  # ids differ by case
    Person(key="jasmin", id="38d92c75", given="Jasmin", family="Haddad"),
    Person(key="leo", id="e5471aa3", given="Leo", family="Marchetti"),
)  # fmt: skip
LABELS = {"c-201": "WSF", "c-202": "OAD", "c-203": "NEW"}
ROLES = {
    "noor": ["Learner"],
    "emil": ["Learner"],
    "petra": ["Instructor"],
    "samir": ["TeachingAssistant"],
    "quiet": ["Learner"],
    "test": ["Learner"],
    "jasmin": ["Learner"],
    "leo": ["Learner", "Mentor"],
    "tove": ["Learner"],
    "marek": ["Learner"],
}


def begin(config: LmsConfig) -> World:
    """Return the academy on its first day."""
    world = World()
    for person in PEOPLE:
        has_mail = not person.is_test
        mail = f"{person.key}@academy.northwind.example" if has_mail else ""
        world.people[person.key] = person.model_copy(update={"email": mail})
    world.tools[CLIENT_ID] = known_tool(config)
    for course_id, title in COURSES.items():
        everybody = [Membership(person=key, roles=list(roles)) for key, roles in ROLES.items()]
        world.courses[course_id] = Course(
            id=course_id, title=title, label=LABELS[course_id], members=everybody
        )
        link = Link(
            id=f"link-{course_id}",
            course=course_id,
            client_id=CLIENT_ID,
            title="Ask a colleague",
            text="Questions about this course, and the answers of those who were here before.",
        )
        world.links[link.id] = link
    first = next(iter(world.courses.values()))
    for member in first.members:
        if member.person == "tove":
            member.state = "Inactive"
        elif member.person == "marek":
            member.state = "Deleted"
    return world


def known_tool(config: LmsConfig) -> Tool:
    """Return PeerQA as an admin would have registered it by hand."""
    return Tool(
        client_id=CLIENT_ID,
        deployment_id=DEPLOYMENT_ID,
        name="PeerQA",
        login_url=f"{config.tool}/lti/login",
        redirect_urls=[f"{config.tool}/lti/launch"],
        target_url=f"{config.tool}/lti/launch",
        deep_linking_url=f"{config.tool}/lti/launch",
        keys_url=f"{config.tool}/lti/jwks",
        scopes=list(SCOPES),
        custom={
            "context_id_history": "$Context.id.history",
            "resource_link_id_history": "$ResourceLink.id.history",
            "department": "$Person.department",  # a variable that this LMS does not know
        },
    )
