"""Requests that PeerQA makes to addresses which others gave it: LMSs, their keys and services.

An address is resolved once, every answer is checked, and the connection goes to a checked answer:
a name that resolves differently a moment later (DNS rebinding) leads nowhere else. TLS still
checks the name. No redirect is followed, nothing is unpacked, and time and size are bounded as a
whole: a watch ends the connection of a server that drips.
"""

from peerqa.outgoing.client import Client
from peerqa.outgoing.reply import Refused, Reply, Unreachable, Unreadable

__all__ = ["Client", "Refused", "Reply", "Unreachable", "Unreadable"]
