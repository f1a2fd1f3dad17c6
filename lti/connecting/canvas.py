"""The document that Canvas fetches for a developer key ("Method: Enter URL").

Canvas, "Configuring LTI Advantage Tools": keys of the root, and one extension with its placements.
Canvas names a deployment only afterwards, and sends neither names nor addresses unless the privacy
level is public.
"""

from flask import Response, jsonify

from lti.connecting.tool import ABOUT, CUSTOM, NAME, SCOPES, Tool
from lti.launching.launch import Message
from lti.pages import lti
from peerqa.gate import Audience, open_to, settings

FRAME_HEIGHT = 800
PLACEMENTS = {
    "course_navigation": Message.RESOURCE,
    "link_selection": Message.DEEP_LINKING,
    "assignment_selection": Message.DEEP_LINKING,
    "editor_button": Message.DEEP_LINKING,
}


@lti.get("/lti/canvas.json")
@open_to(Audience.MACHINES)
def show_canvas_configuration() -> Response:
    """Describe PeerQA as Canvas wants it."""
    tool = Tool(settings().address)
    return jsonify(
        {
            "title": NAME,
            "description": ABOUT,
            "oidc_initiation_url": tool.login,
            "target_link_uri": tool.launch,
            "redirect_uris": [tool.launch],
            "scopes": [scope.uri for scope in SCOPES],
            "public_jwk_url": tool.keys,
            "custom_fields": CUSTOM,
            "extensions": [
                {
                    "domain": tool.domain,
                    "tool_id": "peerqa",
                    "platform": "canvas.instructure.com",
                    "privacy_level": "public",
                    "settings": {
                        "text": NAME,
                        "icon_url": tool.icon,
                        "placements": [_placement(tool, *each) for each in PLACEMENTS.items()],
                    },
                }
            ],
        }
    )


def _placement(tool: Tool, name: str, message: Message) -> dict[str, object]:
    entry: dict[str, object] = {
        "text": NAME,
        "placement": name,
        "message_type": message.value,
        "target_link_uri": tool.launch,
        "icon_url": tool.icon,
    }
    if name == "course_navigation":
        return {**entry, "default": "enabled", "visibility": "public"}
    return {**entry, "selection_width": FRAME_HEIGHT, "selection_height": FRAME_HEIGHT}
