"""What only admins do; that and nothing else, so that all may ask."""

from peerqa.errors import N_, NotAllowed
from peerqa.models import Member
from peerqa.permissions import may


def refuse_others(by: Member) -> None:
    """Refuse who does not administer.

    Raises:
        NotAllowed: with the sentence.
    """
    if not may(by, "administer", by.organization):
        raise NotAllowed(N_("Only admins can do this."))
