"""What real platforms do differently, as switches; the defaults are right and strict.

Switches last until they are switched back. What spoils one launch is in faults.py.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Service = Literal["any", "token", "roster", "items", "scores", "results", "keys", "registration"]


class Switches(BaseModel):
    """How this LMS behaves; the descriptions stand beside the switches on its page."""

    model_config = ConfigDict(validate_assignment=True, extra="forbid")

    login_by: Literal["GET", "POST"] = Field("POST", description="How the login is initiated")
    sends_client_id: bool = Field(True, description="The login names the client (optional)")
    sends_deployment: bool = Field(True, description="The login names the deployment (optional)")
    hints_used_once: bool = Field(
        True, description="A message hint is good for one login, as in Moodle"
    )
    storage: Literal["off", "_parent", "lti_storage"] = Field(
        "_parent", description="Platform Storage: which frame keeps state and nonce"
    )
    resizes: bool = Field(
        True, description="lti.frameResize is obeyed; off: 450 pixels, as in Moodle"
    )
    several_audiences: bool = Field(False, description="aud is a list of two, with azp")
    short_roles: bool = Field(False, description="Launches name roles in their short form")
    short_roster_roles: bool = Field(
        True, description="The roster names roles in their short form, as in Moodle"
    )
    shares_names: bool = Field(True, description="Names are passed on")
    shares_emails: bool = Field(True, description="E-mail addresses are passed on")
    offers_roster: bool = Field(True, description="Launches offer the roster (NRPS)")
    offers_grades: bool = Field(True, description="Launches offer the gradebook (AGS)")
    page_size: int = Field(3, ge=1, le=1000, description="People on a page of the roster, at most")
    lasting_seconds: int = Field(
        60, ge=1, le=3600, description="Seconds that an id_token lasts; Moodle's last 60"
    )
    token_seconds: int = Field(3600, ge=1, description="Seconds that an access token lasts")
    accepts_several: bool = Field(True, description="The picker may return several items")
    accepts_line_items: bool = Field(True, description="Picked items may bring a column")
    accepts_links: bool = Field(False, description="The picker may return plain links too")
    sends_data: bool = Field(True, description="The picker gets data that it must echo")
    guards_configuration: bool = Field(
        True, description="The registration configuration wants the bearer token, as in Canvas"
    )
    names_deployment: bool = Field(
        True, description="The registration answer has a deployment id; Canvas's has none"
    )
    clock_ahead_seconds: int = Field(
        0, ge=-86400, le=86400, description="Seconds that the clock of the LMS is ahead"
    )


class Failure(BaseModel):
    """What a service does instead of its work.

    Attributes:
        status: of the answer; 0 hangs and then says 503.
        times: how often, until all is well again.
        retry_after: seconds, for 429 and 503.
    """

    service: Service = "any"
    status: Literal[0, 400, 401, 403, 404, 409, 429, 500, 503] = 500
    times: int = Field(1, ge=1, le=1000)
    retry_after: int | None = None
