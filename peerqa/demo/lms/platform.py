"""The LMS as one object: what it holds, how it behaves, and what is under way. Tests steer it.

Courses, tools and grades are kept in a file; logins, tokens and what was seen once are not.
"""

import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import ValidationError

from peerqa.demo.lms import beginnings
from peerqa.demo.lms.config import LmsConfig
from peerqa.demo.lms.keyring import Keyring, replace
from peerqa.demo.lms.switches import Failure, Service, Switches
from peerqa.demo.lms.tool_keys import ToolKeys
from peerqa.demo.lms.web import Json
from peerqa.demo.lms.world import Course, Link, Person, Tool, World

LOGIN_LASTS = timedelta(minutes=10)
INVITATION_LASTS = timedelta(hours=1)


@dataclass(frozen=True)
class Begun:
    """A launch that somebody began here; the message hint names it."""

    person: str
    client_id: str
    message: str  # an LTI message type
    course: str
    link: str | None
    target: str
    at: datetime
    window: bool = False
    column: str | None = None  # of a submission review
    for_person: str | None = None
    data: str | None = None  # of deep linking
    return_url: str = ""  # of deep linking


@dataclass
class NextLaunch:
    """What is wrong with the next launch, and with that one only."""

    faults: list[str] = field(default_factory=list)
    omit: list[str] = field(default_factory=list)  # claims, by their short names
    claims: dict[str, Json] = field(default_factory=dict)  # by their full names
    stays: bool = False  # until it is taken back


@dataclass(frozen=True)
class Sent:
    """The last form that went to a tool, to be sent again."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Granted:
    """An access token."""

    client_id: str
    scopes: frozenset[str]
    until: datetime


@dataclass(frozen=True)
class Event:
    """A line of the log."""

    at: datetime
    what: str
    verdict: str


class Lms:
    """Northwind Academy."""

    def __init__(self, config: LmsConfig) -> None:
        self.config = config
        home = config.home
        self.keys = Keyring(home / "keys.json" if home else None)
        self.tool_keys = ToolKeys(config.fetch)
        self.switches = Switches()
        self.next = NextLaunch()
        self.failures: list[Failure] = []
        self.begun: dict[str, Begun] = {}
        self.picking: dict[str, Begun] = {}  # by the last part of the return address
        self.granted: dict[str, Granted] = {}
        self.invitations: dict[str, datetime] = {}  # registration tokens, and until when
        self.once: dict[str, set[str]] = {}  # what may be seen only once: nonces and jtis
        self.last_nonce = ""
        self.last_sent: Sent | None = None
        self.log: deque[Event] = deque(maxlen=200)
        self.lock = threading.RLock()
        self._path = home / "world.json" if home else None
        self.world = self._read()

    @property
    def issuer(self) -> str:
        """What the LMS calls itself to tools."""
        return self.config.address

    def now(self) -> datetime:
        """Return the time by the clock of the LMS, which may be ahead."""
        return self.config.now() + timedelta(seconds=self.switches.clock_ahead_seconds)

    def note(self, what: str, verdict: str = "done") -> None:
        """Write a line into the log that the LMS shows."""
        self.log.appendleft(Event(self.now(), what, verdict))

    def is_first(self, kind: str, word: str) -> bool:
        """Whether this word was never seen before; from now on it was."""
        with self.lock:
            seen = self.once.setdefault(kind, set())
            if word in seen:
                return False
            seen.add(word)
            return True

    def fail(self, service: Service, status: int, **more: int) -> None:
        """Have a service fail, once unless told otherwise."""
        self.failures.append(Failure.model_validate({"service": service, "status": status, **more}))

    def take_failure(self, service: Service) -> Failure | None:
        """Return the failure that is due, and count it."""
        with self.lock:
            for failure in self.failures:
                if failure.service in {"any", service}:
                    failure.times -= 1
                    if failure.times == 0:
                        self.failures.remove(failure)
                    return failure
        return None

    def take_next(self) -> NextLaunch:
        """Return what is wrong with the launch that is made now."""
        taken = self.next
        if not taken.stays:
            self.next = NextLaunch()
        return taken

    def spoil(self, *faults: str, omit: tuple[str, ...] = (), **claims: Json) -> None:
        """Have the next launch be wrong."""
        self.next = NextLaunch(list(faults), list(omit), claims)

    def role_in(self, person: Person, course: Course) -> str:
        """Return learner, teacher, admin, or nothing for somebody without a place there."""
        member = course.find(person)
        if member is None:
            return "admin" if person.is_admin else ""
        teaches = {"Instructor", "TeachingAssistant", "ContentDeveloper"}
        return "teacher" if teaches & set(member.roles) else "learner"

    def target_of(self, link: Link) -> str:
        """Return where a link leads: its own address, else the tool's."""
        return link.url or self.tool_of(link).target_url

    def tool_of(self, link: Link) -> Tool:
        """Return the tool behind a link."""
        return self.world.tools[link.client_id]

    def save(self) -> None:
        """Keep the world; called after whatever may have changed it."""
        if self._path is not None:
            with self.lock:
                replace(self._path, self.world.model_dump_json())

    def reset(self) -> None:
        """Begin anew, with the same keys."""
        with self.lock:
            self.world = beginnings.begin(self.config)
            self.switches, self.next, self.failures = Switches(), NextLaunch(), []

    def _read(self) -> World:
        if self._path is None or not self._path.exists():
            return beginnings.begin(self.config)
        try:
            world = World.model_validate_json(self._path.read_bytes())
        except ValidationError:  # of another version
            return beginnings.begin(self.config)
        self._follow_tool(world)
        return world

    def _follow_tool(self, world: World) -> None:
        """Know PeerQA at its port of today; what the admin changed or removed stays so."""
        known = beginnings.known_tool(self.config)
        before = world.tools.get(known.client_id)
        if before is None:
            return
        for link in world.links.values():
            if link.client_id == known.client_id:
                link.url = link.url.replace(before.target_url, known.target_url, 1)
        kept = {"is_active": before.is_active, "scopes": before.scopes}
        world.tools[known.client_id] = known.model_copy(update=kept)
