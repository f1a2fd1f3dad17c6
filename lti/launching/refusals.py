"""Why a login or a launch is refused: a code, a status, a sentence for people, one for admins.

The codes stand in the launch log; the sentences of admins (the remedies) are shown beside them.
No refusal quotes what was sent, but for names of claims and of parameters, which are ours.
"""

from typing import ClassVar

from peerqa.errors import N_, PeerQAError

_CLOCK = N_("Compare the clocks of the LMS and of PeerQA; both should follow a time server.")
_FORGED = N_("If this goes on, somebody may be trying to forge launches. Nobody was signed in.")
_LMS = N_("The LMS sends what LTI 1.3 does not allow. Update it, or ask its vendor.")


class LaunchRefused(PeerQAError):
    """A login or a launch that is not taken; nothing was changed."""

    code: ClassVar[str] = "launch-refused"
    status: ClassVar[int] = 400
    says: ClassVar[str] = N_("The LMS sent something that PeerQA cannot take.")
    remedy: ClassVar[str] = _LMS

    def __init__(self, **context: str) -> None:
        super().__init__(self.says, **context)


# The login: Security Framework 1.0 section 5.1.1.1


class LoginIncomplete(LaunchRefused):
    code = "login-incomplete"
    says = N_("The LMS did not say “%(parameter)s” when it opened PeerQA.")
    remedy = N_("PeerQA must be opened from the LMS, with its login address as initiation URL.")


class LoginTooLarge(LaunchRefused):
    code = "login-too-large"
    status = 413
    says = N_("The LMS sent more than PeerQA reads when it opened PeerQA.")


class IssuerUnknown(LaunchRefused):
    code = "issuer-unknown"
    status = 404
    says = N_("PeerQA does not know this LMS.")
    remedy = N_("Register the LMS with PeerQA, and compare the issuer letter by letter.")


class ClientUnknown(LaunchRefused):
    code = "client-unknown"
    status = 404
    says = N_("PeerQA knows this LMS, but not this registration in it.")
    remedy = N_("Compare the client id of the registration in PeerQA with that of the LMS.")


class ClientMissing(LaunchRefused):
    code = "client-missing"
    says = N_("This LMS is registered several times, and did not say which one is meant.")
    remedy = N_("Let the LMS send client_id at login, or add ?client_id=… to the initiation URL.")


class PlatformDisabled(LaunchRefused):
    code = "platform-disabled"
    status = 403
    says = N_("An admin of PeerQA has switched this LMS off.")
    remedy = N_("Switch the registration on again when people should come from there.")


class TargetElsewhere(LaunchRefused):
    code = "target-elsewhere"
    says = N_("The LMS wants to open an address that is not PeerQA's.")
    remedy = N_("Correct the tool's address in the LMS: it must begin with PeerQA's own.")


# State and binding: Security Framework 1.0 section 5.1.1.5; OIDC Core section 3.2.2.11


class StateMissing(LaunchRefused):
    code = "state-missing"
    says = N_("The LMS sent no state along. Go back to the course and open PeerQA again.")


class StateUnknown(LaunchRefused):
    code = "state-unknown"
    status = 403
    says = N_("PeerQA did not begin this launch. Go back to the course and open PeerQA again.")
    remedy = _FORGED


class StateExpired(LaunchRefused):
    code = "state-expired"
    status = 410
    says = N_("This launch took too long. Go back to the course and open PeerQA again.")
    remedy = N_("A launch has ten minutes between the click and PeerQA; see what took so long.")


class StateUsed(LaunchRefused):
    code = "state-used"
    status = 409
    says = N_("This launch was used already. Go back to the course and open PeerQA again.")
    remedy = N_("A double click or a reload is harmless. Many of them may be a replay.")


class ForeignBinding(LaunchRefused):
    code = "foreign-binding"
    status = 403
    says = N_("This came from another site, so nobody was signed in. Open PeerQA in the course.")
    remedy = _FORGED


class TabNotBound(LaunchRefused):
    """The cookie of the login did not come; the person is offered a tab of its own."""

    code = "browser-not-bound"
    status = 403
    says = N_("The browser keeps no cookie of PeerQA here, so PeerQA opens in a tab of its own.")
    remedy = N_("Nothing is wrong when they get in then. Let the LMS open PeerQA in a new window.")


class NoCookies(LaunchRefused):
    code = "no-cookies"
    status = 403
    says = N_("This browser blocks every cookie of PeerQA. Allow them, and open PeerQA again.")
    remedy = N_("Let the browser take cookies from PeerQA's address; one is enough.")


# The message of the platform instead of an id_token: OIDC Core section 3.1.2.6


class PlatformRefused(LaunchRefused):
    code = "platform-refused"
    says = N_("The LMS did not let this launch through. Go back to the course and try again.")
    remedy = N_("The log of the LMS says why. Compare the redirect URI and the client id there.")


class LoginRequired(PlatformRefused):
    code = "login-required"
    status = 401
    says = N_("The LMS says that you are not signed in there. Sign in to it, then open PeerQA.")
    remedy = N_("Their session in the LMS had ended, or its cookies do not reach its own frames.")


class PlatformDenied(PlatformRefused):
    code = "platform-denied"
    status = 403
    says = N_("The LMS says that you may not open this here. Ask your teacher or its admin.")
    remedy = N_("Look whether the person may use the activity, and the tool is active there.")


# The id_token: Security Framework 1.0 section 5.1.2 and 5.1.3; OIDC Core section 3.1.3.7


class TokenMissing(LaunchRefused):
    code = "token-missing"
    says = N_("The LMS sent no id_token. Go back to the course and open PeerQA again.")


class TokenTooLarge(LaunchRefused):
    code = "token-too-large"
    status = 413
    says = N_("The LMS sent more than PeerQA reads.")


class TokenUnreadable(LaunchRefused):
    code = "token-unreadable"
    says = N_("The LMS sent an id_token that cannot be read.")


class AlgorithmRefused(LaunchRefused):
    code = "algorithm-refused"
    says = N_("The LMS signed in a way that PeerQA does not take. It must be RS256.")
    remedy = N_("Choose RS256 in the LMS. A token without a signature is a forgery.")


class KeyIdMissing(LaunchRefused):
    code = "key-id-missing"
    says = N_("The LMS did not say which key it signed with.")


class SignatureWrong(LaunchRefused):
    code = "signature-wrong"
    status = 403
    says = N_("The signature of the LMS is not right, so nobody was signed in.")
    remedy = N_("Compare the keyset URL of the registration with that of the LMS.")


class KeyUnknown(LaunchRefused):
    code = "key-unknown"
    status = 401
    says = N_("The LMS signed with a key that it does not publish.")
    remedy = N_("Compare the keyset URL of the registration with that of the LMS.")


class KeysUnavailable(LaunchRefused):
    code = "keys-unavailable"
    status = 502
    says = N_("The keys of the LMS cannot be had at this moment. Please try again in a minute.")
    remedy = N_("Open the keyset URL of the registration from PeerQA's machine; it must answer.")


class IssuerWrong(LaunchRefused):
    code = "issuer-wrong"
    status = 403
    says = N_("The launch comes from another LMS than the one that began it.")
    remedy = N_("Compare the issuer in PeerQA with that of the LMS, letter by letter.")


class AudienceWrong(LaunchRefused):
    code = "audience-wrong"
    status = 403
    says = N_("The LMS made this launch for another tool.")
    remedy = N_("Compare the client id in PeerQA with that of the LMS, letter by letter.")


class TokenExpired(LaunchRefused):
    code = "token-expired"
    status = 410
    says = N_("This launch is too old. Go back to the course and open PeerQA again.")
    remedy = _CLOCK


class TokenFromFuture(LaunchRefused):
    code = "token-from-future"
    says = N_("By the clock of PeerQA, this launch has not happened yet.")
    remedy = _CLOCK


class NonceWrong(LaunchRefused):
    code = "nonce-wrong"
    status = 403
    says = N_("This launch belongs to another click. Go back to the course and open PeerQA again.")
    remedy = _FORGED


# The message: LTI Core 1.3 section 5.3


class ClaimMissing(LaunchRefused):
    code = "claim-missing"
    says = N_("The LMS left out “%(claim)s”, which PeerQA needs.")


class ClaimWrong(LaunchRefused):
    code = "claim-wrong"
    says = N_("What the LMS says as “%(claim)s” cannot be read.")


class VersionWrong(LaunchRefused):
    code = "version-wrong"
    says = N_("The LMS speaks another version of LTI than 1.3.")
    remedy = N_("Set PeerQA up as an LTI 1.3 tool; LTI 1.1 is not supported.")


class MessageUnknown(LaunchRefused):
    code = "message-unknown"
    says = N_("The LMS asks PeerQA for something that PeerQA does not do.")
    remedy = N_("Take the placement away for which the LMS sends this kind of message.")


class TargetChanged(LaunchRefused):
    code = "target-changed"
    status = 403
    says = N_("The launch wants to open something else than the click did.")


class DeploymentWaiting(LaunchRefused):
    code = "deployment-waiting"
    status = 403
    says = N_("PeerQA is new here: an admin of PeerQA must approve it once. Please try later.")
    remedy = N_("Approve the deployment if you know where it comes from.")


class DeploymentRefused(LaunchRefused):
    code = "deployment-refused"
    status = 403
    says = N_("An admin of PeerQA has decided that PeerQA does not open from here.")
    remedy = N_("Approve the deployment if that was a mistake.")


class MemberClosed(LaunchRefused):
    code = "member-closed"
    status = 403
    says = N_("Your account in PeerQA was closed. Ask an admin of PeerQA.")
    remedy = N_("Somebody here made this member inactive; a launch does not undo that.")


class MemberSuspended(MemberClosed):  # says why and until when: enrolment.py
    code = "member-suspended"
    remedy = N_("It stands on the member's page, and ends there or by itself.")


def list_kinds(kind: type[LaunchRefused] = LaunchRefused) -> list[type[LaunchRefused]]:
    """Return a refusal and all that are more exact."""
    return [kind, *(found for child in kind.__subclasses__() for found in list_kinds(child))]


def find_remedy(code: str) -> str | None:
    """Return what an admin can do about a code of the launch log, untranslated."""
    return next((kind.remedy for kind in list_kinds() if kind.code == code), None)
