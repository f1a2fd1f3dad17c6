"""PeerQA: where people at work ask each other, inside the LMS that they already use."""

__version__ = "0.1.0"
