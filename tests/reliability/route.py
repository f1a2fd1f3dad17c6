"""What a row says about a route: whom it is open to, on what, how it is asked."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from tests.reliability.world import Thing

OURS = ("asker", "member", "steward", "admin")
SIGNED_IN = (*OURS, "foreign")
NOBODY: tuple[str, ...] = ()
Sent = dict[str, object]  # what werkzeug's client is given beside the path
Sender = Callable[[int | str], Sent]  # takes the thing, when a field names it


def nothing(_thing: int | str) -> Sent:
    return {}


def form(**fields: object) -> Sender:
    """Send a form; "thing" stands for the id or the name of the thing."""
    return lambda thing: {"data": {k: thing if v == "thing" else v for k, v in fields.items()}}


def json(**fields: object) -> Sender:
    return lambda thing: {"json": {k: thing if v == "thing" else v for k, v in fields.items()}}


def place_form(**fields: object) -> Sender:
    """Send a form that names the place of an answer to the question."""
    return lambda thing: {"data": {**fields, "place": f"answer-{thing}"}}


def query(**fields: object) -> Sender:
    return lambda thing: {
        "query_string": {k: thing if v == "thing" else v for k, v in fields.items()}
    }


@dataclass(frozen=True)
class Route:
    """One way to ask one endpoint."""

    endpoint: str
    method: str = "GET"
    thing: str | None = None  # what the path or a field names: question, answer, topic …
    ok: int = 200
    who: Collection[str] = SIGNED_IN  # may do this to an open thing of their company
    others: int = 403  # what the rest of the company hears about it
    hidden: int = 404  # what all hear about what they may not see, and about what is missing
    signed_out: int = 401
    send: Sender = nothing
    for_admins: bool = False  # the rest hears that, whatever the thing is

    def hidden_from(self, role: str) -> int:
        """What this role hears about what it may not see."""
        return self.others if self.for_admins and role != "admin" else self.hidden

    @property
    def is_api(self) -> bool:
        return self.endpoint.startswith("api_")

    def is_in(self, part: Thing) -> bool:
        """Whether the part has what the route is about."""
        return self.thing is None or self.thing in part

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint} {self.thing or ''}".strip()


def admin_route(endpoint: str, method: str = "GET", *more: object, **others: object) -> Route:
    return Route(endpoint, method, *more, who=("admin",), for_admins=True, **others)
