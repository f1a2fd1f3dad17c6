"""What an admin does in each LMS, what is pasted there, and what the LMS gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lti.connecting.tool import Tool
from peerqa.errors import N_

LABELS = {  # of our own addresses, as most LMSs call them
    "launch": N_("Tool URL, target link URI or launch URL"),
    "login": N_("Login URL (OpenID Connect initiation)"),
    "keys": N_("Keyset URL (JWKS)"),
    "redirect": N_("Redirect URI"),
    "domain": N_("Domain"),
    "icon": N_("Icon URL"),
    "canvas": N_("JSON URL"),
}
BY_HAND = ("launch", "login", "redirect", "keys")
FIELDS = ("issuer", "client_id", "deployment_id", "authorization_url", "token_url", "keys_url")


@dataclass(frozen=True)
class Guide:
    """How PeerQA gets into one kind of LMS; sentences are untranslated.

    Attributes:
        steps: with the registration address; empty where the LMS knows none.
        values: of our own addresses, those that are pasted by hand.
        by_hand: what to do with them.
        fills: what is always the same in this LMS, by field of the form.
        examples: what the others look like.
    """

    key: str
    name: str
    steps: tuple[str, ...] = ()
    values: tuple[str, ...] = BY_HAND
    by_hand: tuple[str, ...] = ()
    beware: tuple[str, ...] = ()
    fills: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, str] = field(default_factory=dict)
    wants_audience: bool = False


MOODLE = Guide(
    "moodle",
    "Moodle",
    steps=(
        N_("In Moodle 3.10 or later, open Site administration, Plugins, External tool, Manage tools."),  # noqa: E501
        N_("Paste the registration address into “Tool URL”, and choose “Add LTI Advantage”."),
        N_("Check what PeerQA shows, and choose “Register”."),
        N_("Moodle keeps the tool pending: choose “Activate” on its card."),
    ),
    by_hand=(
        N_("In Manage tools, choose “configure a tool manually”, LTI version 1.3, public key type “Keyset URL”."),  # noqa: E501
        N_("Switch on Deep Linking and, under Services, grades and names and roles."),
        N_("Save, open “View configuration details” of the tool, and fill in the form below."),
    ),
    beware=(
        N_("Moodle's default cURL rules keep it from private addresses, and from ports other than 80 and 443."),  # noqa: E501
    ),
    examples={
        "issuer": "https://moodle.example.org",
        "authorization_url": "https://moodle.example.org/mod/lti/auth.php",
        "token_url": "https://moodle.example.org/mod/lti/token.php",
        "keys_url": "https://moodle.example.org/mod/lti/certs.php",
        "deployment_id": "1",
    },
)  # fmt: skip
CANVAS = Guide(
    "canvas",
    "Canvas",
    steps=(
        N_("In Canvas, open Admin, Developer Keys, “+ Developer Key”, “+ LTI Registration”."),
        N_("Paste the registration address, and check what PeerQA shows."),
        N_("Switch the key on, and install the app for your account."),
        N_("Open PeerQA once from a course; then approve its deployment here."),
    ),
    values=("canvas", "redirect"),
    by_hand=(
        N_("Choose “+ LTI Key”, the method “Enter URL”, and paste the JSON URL."),
        N_("Save, switch the key on, and copy its number: that is the client id."),
        N_("Under Settings, Apps, “+ App”, by client id: install it, and copy its deployment id."),
    ),
    beware=(
        N_("Canvas tells names and e-mail addresses only at the privacy level “public”."),
        N_("All customers of Canvas share the issuer https://canvas.instructure.com, whatever your own address is."),  # noqa: E501
    ),
    fills={
        "issuer": "https://canvas.instructure.com",
        "authorization_url": "https://sso.canvaslms.com/api/lti/authorize_redirect",
        "token_url": "https://canvas.instructure.com/login/oauth2/token",
        "keys_url": "https://sso.canvaslms.com/api/lti/security/jwks",
    },
    examples={"client_id": "10000000000001", "deployment_id": "1234:8865aa05b4b79b64a91a"},
)  # fmt: skip
BRIGHTSPACE = Guide(
    "brightspace",
    "Brightspace",
    steps=(
        N_("In Brightspace, open Admin Tools, Manage Extensibility, LTI Advantage, “Register Tool”."),  # noqa: E501
        N_("Choose “Dynamic”, and paste the registration address; it works once."),
        N_("Check what PeerQA shows, choose “Register”, and enable the tool in Brightspace."),
        N_("Add a deployment, and a link in a course; open it once, then approve it here."),
    ),
    values=("domain", "redirect", "login", "keys"),
    by_hand=(
        N_("Choose “Standard” instead, paste these values, and tick the extensions for grades, names and deep linking."),  # noqa: E501
        N_("Copy what Brightspace shows into the form below, the audience too."),
    ),
    beware=(
        N_("Brightspace changes its keys about every hour; PeerQA follows."),
        N_("It takes grades only for roles that can be graded."),
    ),
    fills={
        "token_url": "https://auth.brightspace.com/core/connect/token",
        "token_audience": "https://api.brightspace.com/auth/token",
    },
    examples={
        "issuer": "https://school.brightspace.com",
        "authorization_url": "https://school.brightspace.com/d2l/lti/authenticate",
        "keys_url": "https://school.brightspace.com/d2l/.well-known/jwks",
    },
    wants_audience=True,
)  # fmt: skip
BLACKBOARD = Guide(
    "blackboard",
    "Blackboard",
    values=("domain", "login", "redirect", "keys"),
    by_hand=(
        N_("Whoever runs PeerQA registers it once on developer.blackboard.com with these values, and gets the client id (application id)."),  # noqa: E501
        N_("In Blackboard, open Administrator Panel, LTI Tool Providers, “Register LTI 1.3 Tool”, and paste the client id."),  # noqa: E501
        N_("Approve the tool with role, name and e-mail address, allow grades and membership, and copy the deployment id."),  # noqa: E501
    ),
    beware=(
        N_("One client id serves every organization; the deployment id tells them apart."),
    ),
    fills={
        "issuer": "https://blackboard.com",
        "authorization_url": "https://developer.blackboard.com/api/v1/gateway/oidcauth",
        "token_url": "https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken",
    },
    examples={
        "keys_url": "https://developer.blackboard.com/api/v1/management/applications/CLIENT-ID/jwks.json",
        "deployment_id": "c38e8a9f-0a9b-4b6b-9f5e-1e1d2c3b4a5f",
    },
)  # fmt: skip
OPEN_EDX = Guide(
    "openedx",
    "Open edX",
    values=("launch", "login", "keys", "redirect"),
    by_hand=(
        N_("In Studio, add an “LTI Consumer” block to a unit; LTI version 1.3."),
        N_("Paste these values: launch URL, initiate login URL, keyset URL, redirect URIs. Publish the unit."),  # noqa: E501
        N_("Studio then shows client id, keyset URL, token URL and login URL: fill them in below. The deployment id is 1."),  # noqa: E501
    ),
    beware=(
        N_("Each block is a registration of its own, unless your site offers reusable ones."),
        N_("Without “request user's username and e-mail”, people come without a name."),
    ),
    fills={"deployment_id": "1"},
    examples={
        "issuer": "https://courses.example.org",
        "authorization_url": "https://courses.example.org/api/lti_consumer/v1/launch/",
        "token_url": "https://courses.example.org/api/lti_consumer/v1/token/BLOCK",
        "keys_url": "https://courses.example.org/api/lti_consumer/v1/public_keysets/BLOCK",
    },
)  # fmt: skip
OTHER = Guide(
    "other",
    N_("Another LMS"),
    steps=(
        N_("Where the LMS offers “Dynamic Registration” for LTI 1.3, paste the registration address there."),  # noqa: E501
    ),
    values=("launch", "login", "redirect", "keys", "domain", "icon"),
    by_hand=(
        N_("Register an LTI 1.3 tool with these values; fill in what the LMS gives back."),
        N_("Ask for Deep Linking, Names and Roles, and Assignments and Grades where they are offered."),  # noqa: E501
    ),
)  # fmt: skip
GUIDES = (MOODLE, CANVAS, BRIGHTSPACE, BLACKBOARD, OPEN_EDX, OTHER)


def find_guide(key: str | None) -> Guide:
    """Return the guide of this name, or the first."""
    return next((guide for guide in GUIDES if guide.key == key), GUIDES[0])


def values_of(guide: Guide, tool: Tool) -> list[tuple[str, str, str]]:
    """Return what is pasted by hand: name, untranslated label, value."""
    said = {
        "launch": tool.launch,
        "login": tool.login,
        "keys": tool.keys,
        "redirect": tool.launch,
        "domain": tool.domain,
        "icon": tool.icon,
        "canvas": tool.canvas,
    }
    return [(name, LABELS[name], said[name]) for name in guide.values]
