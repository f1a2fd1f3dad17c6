"""Every module with routes: importing one adds them to the blueprint. Some install more."""

from lti.admin import adding, admin_pages, platform_pages, role_pages
from lti.connecting import canvas, registering
from lti.grading import grade_pages
from lti.launching import arriving, framing, routes
from lti.people import joining, roster_pages, sources
from lti.placing import copying, picking
from lti.services import publishing

ROUTES = (
    routes,
    arriving,
    framing,
    joining,
    roster_pages,
    sources,
    grade_pages,
    picking,
    copying,
    registering,
    canvas,
    publishing,
    admin_pages,
    platform_pages,
    role_pages,
    adding,
)
