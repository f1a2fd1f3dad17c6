"""The registration address: an LMS opens it in a frame, somebody confirms, the LMS is asked once.

LTI Dynamic Registration 1.0 section 3.3 (initiation) and 3.6 (finish). Whoever sees these pages is
the admin of an LMS and has no sign-in here: the one-time invitation lets them in. Between the two
pages what was read travels in the form, signed for this invitation; so the configuration is not
asked for twice, and no page of another site can send the form.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from lti.connecting import discovery, invitations, registration
from lti.connecting.addresses import host_of
from lti.connecting.discovery import Configuration, Registered
from lti.connecting.registration import AlreadyRegistered
from lti.connecting.tool import Tool, wanted_scopes
from lti.models import Invitation, Platform
from lti.models.platform import DeploymentState
from lti.origins import origin_of
from lti.pages import lti
from peerqa.clock import utc_now
from peerqa.database import db, transaction
from peerqa.errors import N_, Invalid, PeerQAError
from peerqa.gate import Audience, allow_framing_by_anyone, instance_key, open_to, outgoing, settings
from peerqa.secrets import is_same
from peerqa.services import audit
from peerqa.services.moderating.audit_acts import Source

FORM_LASTS = timedelta(hours=1)
PRODUCTS = {"moodle": "Moodle", "canvas": "Canvas", "desire2learn": "Brightspace",
            "blackboardlearn": "Blackboard", "openedx": "Open edX"}  # fmt: skip

log = structlog.get_logger()


class FormNotOurs(Invalid):
    """The confirmation was not made by this page, or long ago."""

    code = "form-not-ours"


@dataclass(frozen=True)
class Plan:
    """What a confirmation page has shown, and what its form sends back."""

    invitation: str
    token: str  # the platform's
    until: datetime
    configuration: Configuration

    def pack(self) -> str:
        """Return the configuration as one field."""
        return base64.urlsafe_b64encode(json.dumps(asdict(self.configuration)).encode()).decode()

    def sign(self) -> str:
        """Return what only this installation can say of all of it."""
        return _sign(self.invitation, self.token, self.until.isoformat(), self.pack())


@lti.get("/lti/register")
@open_to(Audience.EVERYONE)
def confirm_registration() -> ResponseReturnValue:
    """Show what would be registered, for which organization, and why."""
    return _answer(_confirm)


@lti.post("/lti/register")
@open_to(Audience.EVERYONE)
def register() -> ResponseReturnValue:
    """Register with the LMS, once, and keep what it gives."""
    return _answer(_register)


def _answer(act: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """Answer refusals too with a page that the LMS can frame; signing in would help nobody here."""
    allow_framing_by_anyone()
    try:
        return act()
    except PeerQAError as refusal:
        log.info("registration.refused", code=refusal.code)
        sentence = gettext(refusal.sentence, **refusal.context)
        page = render_template(
            "lti/registration_refused.html", sentence=sentence, code=refusal.code
        )
        return make_response(page, refusal.status)


def _confirm() -> ResponseReturnValue:
    token = request.args.get("invitation", "")
    url = request.args.get("openid_configuration", "")
    organization = invitations.find_invitation(db.session(), token, utc_now()).organization
    _check_own_address()
    if not url:
        address = invitations.invitation_address(settings().address, token)
        return render_template("lti/registration_where.html", address=address)
    bearer = request.args.get("registration_token", "")
    db.session().rollback()  # the LMS may be slow
    configuration = discovery.fetch_configuration(
        outgoing(), url, token=bearer, https_only=_https_only()
    )
    plan = Plan(token, bearer, utc_now() + FORM_LASTS, configuration)
    return render_template(
        "lti/registration_confirm.html",
        plan=plan,
        it=configuration,
        organization=organization,
        product=PRODUCTS.get(configuration.product.lower(), ""),
        scopes=wanted_scopes(configuration.scopes),
        missing=set(wanted_scopes(None)) - set(wanted_scopes(configuration.scopes)),
        issuer_host=host_of(configuration.issuer),
        origin=origin_of(configuration.issuer),
        is_second=_is_registered(organization.id, configuration.issuer),
    )


def _register() -> ResponseReturnValue:
    plan = _read_plan(request.form)
    configuration = plan.configuration
    if not (configuration.is_own_host or configuration.is_known or "speaks_for" in request.form):
        raise Invalid(
            N_(
                "%(host)s says that it speaks for %(issuer)s. Nothing was registered, since nobody "
                "confirmed that. Begin again in the LMS, and tick the box if it is true."
            ),
            host=configuration.host,
            issuer=host_of(configuration.issuer),
        )
    with transaction() as session:
        invitation = invitations.claim_invitation(session, plan.invitation, utc_now())
    try:
        given = discovery.register(
            outgoing(), configuration, Tool(settings().address), token=plan.token
        )
        platform, has_deployment = _keep(invitation, configuration, given)
    except BaseException:
        with transaction() as session:
            invitations.release_invitation(session, invitation)
        raise
    log.info("registration.done", platform=platform.id)
    return render_template(
        "lti/registration_done.html",
        platform=platform,
        origin=origin_of(platform.issuer),
        organization=invitation.organization,
        has_deployment=has_deployment,
    )


def _keep(
    invitation: Invitation, configuration: Configuration, given: Registered
) -> tuple[Platform, bool]:
    """Write down what the LMS has registered."""
    now = utc_now()
    product = PRODUCTS.get(configuration.product.lower())
    place = configuration.account or configuration.host
    try:
        with transaction() as session:
            platform = registration.register_platform(
                session,
                organization=invitation.organization,
                name=f"{product} · {place}" if product else place,
                product=configuration.product,
                issuer=configuration.issuer,
                client_id=given.client_id,
                authorization_url=configuration.authorization_url,
                token_url=configuration.token_url,
                token_audience=configuration.token_audience,
                keys_url=configuration.keys_url,
                scopes=given.scopes,
                trusts_administrators=True,
                https_only=_https_only(),
                at=now,
            )
            if given.deployment_id is not None:
                registration.add_deployment(
                    session, platform=platform, deployment_id=given.deployment_id, at=now,
                    state=DeploymentState.APPROVED,
                )  # fmt: skip
            invitations.consume_invitation(session, invitation, platform)
            _note(session, platform, invitation, at=now)
    except AlreadyRegistered:
        raise AlreadyRegistered(
            N_(
                "The LMS gave PeerQA a client id that is registered here already. "
                "Delete the older registration in the LMS, and begin again."
            )
        ) from None
    return platform, given.deployment_id is not None


def _note(session: Session, platform: Platform, invitation: Invitation, *, at: datetime) -> None:
    audit.record(
        session, "lms.registered", by=Source.LMS, thing=platform,
        organization=platform.organization_id, at=at, invitation=invitation.id,
    )  # fmt: skip


def _read_plan(form: Mapping[str, str]) -> Plan:
    """Take the form back.

    Raises:
        FormNotOurs: it was not made here, was changed, or is too old.
    """
    names = ("invitation", "registration_token", "until", "plan")
    invitation, token, until, packed = (form.get(name, "") for name in names)
    is_ours = is_same(form.get("signature", ""), _sign(invitation, token, until, packed))
    # what is not ours is not even read
    if not is_ours or datetime.fromisoformat(until) <= utc_now():
        raise FormNotOurs(
            N_("This page is too old, or was not made here. Begin the registration again.")
        )
    configuration = Configuration(**json.loads(base64.urlsafe_b64decode(packed)))
    return Plan(invitation, token, datetime.fromisoformat(until), configuration)


def _sign(*fields: str) -> str:
    return instance_key().digest("lti-registration", *fields)


def _check_own_address() -> None:
    """Register nothing that no LMS could open.

    Raises:
        Invalid: PeerQA has no https address.
    """
    if _https_only() and not settings().address.startswith("https://"):
        raise Invalid(
            N_(
                "PeerQA has no https address yet, so no LMS could open it. "
                "Whoever runs PeerQA sets PEERQA_PUBLIC_URL."
            )
        )


def _is_registered(organization_id: int, issuer: str) -> bool:
    query = select(Platform.id).where(
        Platform.organization_id == organization_id, Platform.issuer == issuer
    )
    return db.session().scalars(query.limit(1)).first() is not None


def _https_only() -> bool:
    return not settings().demo
