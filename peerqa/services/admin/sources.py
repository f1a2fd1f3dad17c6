"""What came from elsewhere, and is decided there: asked of whoever brought it.

Without an LMS nothing is. A front door that brings people and spaces puts its own in place of this
(app.extensions["peerqa.sources"]).
"""

from collections.abc import Collection, Mapping

from sqlalchemy.orm import Session


class Sources:
    """Nothing came from anywhere."""

    def spaces(self, _session: Session, _space_ids: Collection[int]) -> Mapping[int, str]:
        """Return where spaces come from, by id: what people call the place."""
        return {}

    def spaces_of(self, _session: Session, _member_id: int) -> frozenset[int]:
        """Return the spaces in which the member's role is decided elsewhere."""
        return frozenset()

    def members_of(self, _session: Session, _space_id: int) -> frozenset[int]:
        """Return the members whose role in the space is decided elsewhere."""
        return frozenset()

    def is_admin(self, _session: Session, _member_id: int) -> bool:
        """Whether the member is an admin because they are one elsewhere."""
        return False
