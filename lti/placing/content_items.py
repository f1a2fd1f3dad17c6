"""The items of a deep linking response, as pylti1p3 builds them.

Deep Linking 2.0 sections 4.3.2 (ltiResourceLink) and 4.5 (the response's claims).
"""

from collections.abc import Sequence
from typing import Any

from pylti1p3.deep_link import DeepLink
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.lineitem import LineItem
from pylti1p3.registration import Registration

from lti.grading import grade_messages
from lti.models import Picking
from lti.placing.deep_linking import Item
from lti.placing.placements import ID

FRAME_HEIGHT = 720  # pixels; platforms that ignore it give what they give
MAXIMUM = 10.0  # of a new gradebook column, as where scores are switched on


def build(picking: Picking, items: Sequence[Item], *, target: str) -> dict[str, Any]:
    """Return the claims of the response, which still want their nonce and times.

    Args:
        target: the address that the placed links open.
    """
    platform = picking.deployment.platform
    registration = Registration().set_client_id(platform.client_id).set_issuer(platform.issuer)
    link = DeepLink(registration, picking.deployment.deployment_id, {"data": picking.data})
    resources = [Resource(item, picking, target=target) for item in items]
    claims: dict[str, Any] = link.get_message_jwt(resources)  # Any: claims are JSON
    return claims


class Resource(DeepLinkResource):
    """An ltiResourceLink, with what pylti1p3 leaves out: a text, and where it opens."""

    def __init__(self, item: Item, picking: Picking, *, target: str) -> None:
        self._item = item
        self._targets = picking.accepts_targets
        self.set_title(item.title).set_url(target).set_custom_params({ID: item.key})
        if item.column_of is not None and picking.accepts_line_item:
            self.set_lineitem(_column(item.title, item.column_of))

    def to_dict(self) -> dict[str, object]:
        """Return the content item."""
        made: dict[str, object] = super().to_dict()
        if self._item.text:
            made["text"] = self._item.text
        if "iframe" in self._targets:
            made["iframe"] = {"height": FRAME_HEIGHT}
        elif "window" in self._targets:
            made["window"] = {"targetName": "_blank"}
        return made


def _column(label: str, space_id: int) -> LineItem:
    """Describe the column as lti/grading/gradebook.py looks for it when scores are switched on."""
    column = LineItem().set_label(label).set_score_maximum(MAXIMUM)
    column.set_tag(grade_messages.TAG).set_resource_id(grade_messages.resource_id(space_id))
    return column
