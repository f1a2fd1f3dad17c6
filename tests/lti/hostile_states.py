"""Launches that must be refused for what happened before: replays, mix-ups, wrong browsers."""

from datetime import timedelta

from sqlalchemy import update
from werkzeug.test import TestResponse

from lti.connecting.registration import add_deployment, refuse
from lti.models import Account, Deployment, Login, Platform
from lti.models.platform import DeploymentState
from peerqa.clock import utc_now
from peerqa.models import Member
from tests.conftest import NOON
from tests.lti.conftest import make_platform
from tests.lti.hostile import Hostile, Scene
from tests.lti.platform import ABSENT, FakePlatform, post

OUR_PAGE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
FRAME = {"lti_storage_target": "_parent"}


def without_state(s: Scene) -> TestResponse:
    sent = s.platform.begin(s.client)
    return post(s.client, s.platform.sign(s.platform.claims(sent.nonce)), "")


def foreign_state(s: Scene) -> TestResponse:
    sent = s.platform.begin(s.client)
    return post(s.client, s.platform.sign(s.platform.claims(sent.nonce)), "state-of-nobody")


def late(s: Scene) -> TestResponse:
    sent = s.platform.begin(s.client)
    s.session.execute(update(Login).values(expires_at=utc_now() - timedelta(seconds=1)))
    s.session.commit()
    return post(s.client, s.platform.sign(s.platform.claims(sent.nonce)), sent.state)


def replay(s: Scene, *, other_browser: bool = False) -> TestResponse:
    sent = s.platform.begin(s.client)
    token = s.platform.sign(s.platform.claims(sent.nonce, sub=ABSENT))
    assert post(s.client, token, sent.state).status_code == 200
    return post(s.other_client if other_browser else s.client, token, sent.state)


def other_browser(s: Scene) -> TestResponse:
    sent = s.platform.begin(s.client)
    s.platform.begin(s.other_client)
    return post(s.other_client, s.platform.sign(s.platform.claims(sent.nonce)), sent.state)


def cookie_of_another_login(s: Scene) -> TestResponse:
    first, second = s.platform.begin(s.client), s.platform.begin(s.client)
    names = [sent.reply.headers["Set-Cookie"].partition("=")[0] for sent in (first, second)]
    value = s.client.get_cookie(names[0], path="/lti").value
    s.client.set_cookie(names[1], value, path="/lti")
    return post(s.client, s.platform.sign(s.platform.claims(second.nonce)), second.state)


def nonce_of_another_login(s: Scene) -> TestResponse:
    first, second = s.platform.begin(s.client), s.platform.begin(s.client)
    return post(s.client, s.platform.sign(s.platform.claims(first.nonce)), second.state)


def used_nonce(s: Scene) -> TestResponse:
    first = s.platform.begin(s.client)
    good = s.platform.sign(s.platform.claims(first.nonce, sub=ABSENT))
    assert post(s.client, good, first.state).status_code == 200
    second = s.platform.begin(s.client)
    return post(s.client, s.platform.sign(s.platform.claims(first.nonce)), second.state)


def mix_up(s: Scene) -> TestResponse:
    """A token that another organization's LMS made, for a login of ours."""
    sent = s.platform.begin(s.client)
    return post(s.client, s.other.sign(s.other.claims(sent.nonce)), sent.state)


def forged_mix_up(s: Scene) -> TestResponse:
    """The other LMS writes our LMS's name into its token, and signs with its own key."""
    sent = s.platform.begin(s.client)
    said = s.platform.claims(sent.nonce)
    return post(s.client, s.other.sign(said, kid=s.platform.kid), sent.state)


def other_client_of_the_issuer(s: Scene) -> TestResponse:
    row = make_platform(
        s.session, s.row.organization, client_id="client-2", keys_url=s.row.keys_url
    )
    s.session.commit()
    second = FakePlatform(row, s.outgoing)
    sent = s.platform.begin(s.client)
    return post(s.client, second.sign(second.claims(sent.nonce)), sent.state)


def two_clients(s: Scene) -> TestResponse:
    make_platform(s.session, s.row.organization, client_id="client-2")
    s.session.commit()
    return s.platform.begin(s.client, client_id=ABSENT).reply


def switch_off(s: Scene) -> None:
    s.session.execute(update(Platform).values(disabled_at=NOON))
    s.session.commit()


def disabled(s: Scene) -> TestResponse:
    switch_off(s)
    return s.platform.begin(s.client).reply


def disabled_meanwhile(s: Scene) -> TestResponse:
    sent = s.platform.begin(s.client)
    switch_off(s)
    return post(s.client, s.platform.sign(s.platform.claims(sent.nonce)), sent.state)


def deployment_unknown(s: Scene) -> TestResponse:
    return s.platform.launch(s.client, DEPLOYMENT="2")


def deployment_of_another(s: Scene) -> TestResponse:
    """A deployment that another platform has, and ours has not."""
    other = s.session.get_one(Deployment, s.deployment.id)
    add_deployment(s.session, platform=other.platform, deployment_id="x", at=NOON)
    s.session.commit()
    return s.platform.launch(s.client, DEPLOYMENT="X")


def deployment_refused(s: Scene) -> TestResponse:
    refuse(s.session, s.session.get_one(Deployment, s.deployment.id), NOON)
    s.session.commit()
    return s.platform.launch(s.client)


def deployment_waits(s: Scene) -> TestResponse:
    s.session.execute(update(Deployment).values(state=DeploymentState.WAITING))
    s.session.commit()
    return s.platform.launch(s.client)


def closed_member(s: Scene) -> TestResponse:
    member = Member(organization=s.row.organization, name="Lena", created_at=NOON, inactive_at=NOON)
    s.session.add(member)
    s.session.flush()
    account = Account(
        platform_id=s.row.id, organization_id=s.row.organization_id, subject="user-1",
        member_id=member.id, created_at=NOON,
    )  # fmt: skip
    s.session.add(account)
    s.session.commit()
    return s.platform.launch(s.client)


def storage(s: Scene, *, offered: bool, headers: dict[str, str]) -> TestResponse:
    """Say that the platform's storage knew the state, in a browser without the cookie."""
    sent = s.platform.begin(s.client, method="POST", **(FRAME if offered else {}))
    state, nonce = state_of(sent.reply) if offered else (sent.state, sent.nonce)
    token = s.platform.sign(s.platform.claims(nonce))
    return post(s.other_client, token, state, binding="storage", headers=headers)


def state_of(reply: TestResponse) -> tuple[str, str]:
    """Return state and nonce from the page that asks the platform's storage."""
    parts = [reply.text.partition(f'data-{name}="')[2] for name in ("state", "nonce")]
    return parts[0].partition('"')[0], parts[1].partition('"')[0]


def no_cookie_in_the_tab(s: Scene) -> TestResponse:
    sent = s.platform.begin(s.client)
    again = s.other_client.get(f"/lti/login?again={sent.state}")
    tab = FakePlatform.read(again)
    return post(s.client, s.platform.sign(s.platform.claims(tab.nonce)), tab.state)


STATES = [
    Hostile("no state", "state-missing", 400, without_state),
    Hostile("state of nobody", "state-unknown", 403, foreign_state),
    Hostile("state too old", "state-expired", 410, late),
    Hostile("replay", "state-used", 409, replay),
    Hostile("replay elsewhere", "state-used", 409, lambda s: replay(s, other_browser=True)),
    Hostile("another browser", "browser-not-bound", 403, other_browser),
    Hostile("another login's cookie", "browser-not-bound", 403, cookie_of_another_login),
    Hostile("another login's nonce", "nonce-wrong", 403, nonce_of_another_login),
    Hostile("a used nonce", "nonce-wrong", 403, used_nonce),
    Hostile("mix-up", "issuer-wrong", 403, mix_up),
    Hostile("forged mix-up", "signature-wrong", 403, forged_mix_up),
    Hostile("another client", "audience-wrong", 403, other_client_of_the_issuer),
    Hostile("two clients, none named", "client-missing", 400, two_clients),
    Hostile("switched off", "platform-disabled", 403, disabled),
    Hostile("switched off meanwhile", "platform-disabled", 403, disabled_meanwhile),
    Hostile("unknown deployment", "deployment-waiting", 403, deployment_unknown),
    Hostile("deployment in capitals", "deployment-waiting", 403, deployment_of_another),
    Hostile("waiting deployment", "deployment-waiting", 403, deployment_waits),
    Hostile("refused deployment", "deployment-refused", 403, deployment_refused),
    Hostile("closed member", "member-closed", 403, closed_member),
    Hostile("storage, said from elsewhere", "foreign-binding", 403,
            lambda s: storage(s, offered=True, headers={"Sec-Fetch-Site": "cross-site"})),
    Hostile("storage, by another origin", "foreign-binding", 403,
            lambda s: storage(s, offered=True, headers={"Origin": "https://evil.example"})),
    Hostile("storage, by nobody", "foreign-binding", 403,
            lambda s: storage(s, offered=True, headers={})),
    Hostile("storage that was not offered", "foreign-binding", 403,
            lambda s: storage(s, offered=False, headers=OUR_PAGE)),
    Hostile("no cookie even in the tab", "no-cookies", 403, no_cookie_in_the_tab),
    Hostile("a tab of nobody's login", "state-unknown", 403,
            lambda s: s.client.get("/lti/login?again=nobody")),
]  # fmt: skip
