"""What PeerQA says of itself to every LMS: its addresses, what it asks for, and why.

LTI Dynamic Registration 1.0 section 3.5; the same values stand in the Canvas document and on the
set-up pages.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lti.connecting.addresses import host_of
from lti.grading import grade_messages
from lti.launching.claims import COURSE_HISTORY, LINK_HISTORY
from lti.launching.launch import Message
from lti.people import roster_reading
from peerqa.errors import N_

NAME = "PeerQA"
ABOUT = "Ask colleagues, and find what they answered before."
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "email", "locale")
# Of copied courses Blackboard and Brightspace tell the ids before in these variables.
CUSTOM = {
    COURSE_HISTORY: "$Context.id.history",
    LINK_HISTORY: "$ResourceLink.id.history",
}
# Where a link to PeerQA may be placed, by message; the platform's own list narrows it.
PLACEMENTS: Mapping[Message, Sequence[str]] = {
    Message.RESOURCE: ("course_navigation",),
    Message.DEEP_LINKING: (
        "ContentArea", "RichTextEditor", "link_selection", "assignment_selection", "editor_button",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Scope:
    """A service that PeerQA asks for, and what for."""

    uri: str
    why: str  # a sentence for the admin, untranslated


SCOPES = (
    Scope(
        roster_reading.SCOPE,
        N_("See who is in a course, so that questions reach those who are there."),
    ),
    Scope(
        grade_messages.LINE_ITEM,
        N_("Make one column in the gradebook of a course whose steward switches grades on."),
    ),
    Scope(
        f"{grade_messages.LINE_ITEM}.readonly",
        N_("Find that column again."),
    ),
    Scope(
        grade_messages.SCORE,
        N_("Write scores into that column, and into no other."),
    ),
)


@dataclass(frozen=True)
class Tool:
    """The addresses of this installation.

    Attributes:
        address: of the installation, without a slash at the end.
    """

    address: str

    @property
    def domain(self) -> str:
        """The host, with a port where there is one: Moodle compares it so."""
        return host_of(self.address)

    @property
    def login(self) -> str:
        """Where the platform begins a login."""
        return f"{self.address}/lti/login"

    @property
    def launch(self) -> str:
        """The only redirect address, and the target of every link."""
        return f"{self.address}/lti/launch"

    @property
    def keys(self) -> str:
        """Our key set."""
        return f"{self.address}/lti/jwks"

    @property
    def icon(self) -> str:
        """A picture for menus."""
        return f"{self.address}/lti/icon.svg"

    @property
    def canvas(self) -> str:
        """The document for Canvas' developer keys."""
        return f"{self.address}/lti/canvas.json"


def wanted_scopes(supported: Collection[str] | None) -> list[Scope]:
    """Return what PeerQA asks of a platform.

    Args:
        supported: what it offers; None when it does not say.
    """
    return [scope for scope in SCOPES if supported is None or scope.uri in supported]


def client_metadata(
    tool: Tool,
    *,
    scopes: Collection[str] | None,
    claims: Collection[str] | None,
    messages: Mapping[str, Sequence[str]],
) -> dict[str, object]:
    """Return the body of a registration request (section 3.5.2).

    Args:
        scopes: what the platform offers; None when it does not say.
        claims: likewise.
        messages: the platform's message types, each with its placements.
    """
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": tool.login,
        "redirect_uris": [tool.launch],
        "client_name": NAME,
        "jwks_uri": tool.keys,
        "logo_uri": tool.icon,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(scope.uri for scope in wanted_scopes(scopes)),
        TOOL_CONFIGURATION: {
            "domain": tool.domain,
            "description": ABOUT,
            "target_link_uri": tool.launch,
            "custom_parameters": CUSTOM,
            "claims": [claim for claim in CLAIMS if claims is None or claim in claims],
            "messages": list(_messages(tool, messages)),
            "https://canvas.instructure.com/lti/privacy_level": "public",
        },
    }


def _messages(tool: Tool, supported: Mapping[str, Sequence[str]]) -> list[dict[str, object]]:
    wanted = [Message.RESOURCE, Message.DEEP_LINKING]
    if Message.SUBMISSION_REVIEW in supported:
        wanted.append(Message.SUBMISSION_REVIEW)
    made = []
    for message in wanted:
        if message is not Message.RESOURCE and supported and message not in supported:
            continue
        entry: dict[str, object] = {
            "type": message.value, "target_link_uri": tool.launch, "label": NAME,
            "icon_uri": tool.icon,
        }  # fmt: skip
        offered = supported.get(message, ())
        # Canvas spells its own placements as addresses
        placements = [each for each in offered if _last(each) in PLACEMENTS.get(message, ())]
        if placements:
            entry["placements"] = placements
        made.append(entry)
    return made


def _last(placement: str) -> str:
    return placement.rpartition("/")[2]
