"""The blueprint of the LMS front door: /lti/* for platforms, /admin/lms/* for admins."""

from flask import Blueprint

lti = Blueprint(
    "lti", __name__, template_folder="templates", static_folder="static",
    static_url_path="/lti/static",
)  # fmt: skip
