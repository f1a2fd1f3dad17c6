"""The demo LMS, "Northwind Academy": a small, strict LTI 1.3 platform in a process of its own.

It knows nothing of lti/ and shares no code with it: what PeerQA says is checked against the 1EdTech
texts a second time, by other hands. What a homemade LMS forgives, Moodle and Canvas do not, so this
one forgives nothing; everything that real platforms do differently or wrongly is a switch.
"""

from peerqa.demo.lms.config import LmsConfig
from peerqa.demo.lms.door import create_lms
from peerqa.demo.lms.platform import Lms
from peerqa.demo.registration import registration_of

__all__ = ["Lms", "LmsConfig", "create_lms", "registration_of"]
