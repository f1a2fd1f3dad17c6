"""The rows of the LMS front door. They point at the core's tables by name; the core knows none."""

from lti.models.context import Context, Enrolment, Placement
from lti.models.grade import GradeDelivery, LineItem
from lti.models.key import PlatformKeys, ServiceToken, ToolKey
from lti.models.launch import LaunchRecord, Login
from lti.models.picking import Picking
from lti.models.platform import Account, Deployment, Invitation, Origin, Platform, RoleRule

__all__ = [
    "Account",
    "Context",
    "Deployment",
    "Enrolment",
    "GradeDelivery",
    "Invitation",
    "LaunchRecord",
    "LineItem",
    "Login",
    "Origin",
    "Picking",
    "Placement",
    "Platform",
    "PlatformKeys",
    "RoleRule",
    "ServiceToken",
    "ToolKey",
]
