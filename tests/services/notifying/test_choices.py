import pytest

from peerqa.errors import Invalid
from peerqa.models.notifying.mail_choice import Frequency, Stopped
from peerqa.services.notifying import choices
from peerqa.services.notifying.kinds import KINDS, OPEN
from tests.conftest import NOON

TIMES = {"zone": "", "quiet_from": "", "quiet_until": "", "digest_hour": "8"}


def wishes(session, member):
    return choices.read_wishes(session, [member])[member.id]


def save_times(session, member, **more):
    choices.save_times(session, member=member, at=NOON, **{**TIMES, **more})


def test_without_a_choice_only_what_somebody_waits_for_comes_at_once(session, alice):
    wish = wishes(session, alice)

    at_once = {kind for kind in KINDS if wish.frequency(kind, None) is Frequency.IMMEDIATE}
    assert at_once == {"answered", "commented", "mentioned", "invited", "duplicate", "moderated"}
    assert wish.frequency("a reason of tomorrow", None) is Frequency.DAILY


def test_a_choice_for_a_space_goes_before_that_for_everywhere(session, alice, space):
    choices.save_choices(session, member=alice, chosen={"answered": "daily", "accepted": "never"})
    choices.save_choices(
        session, member=alice, chosen={"answered": "never", "accepted": ""}, space_id=space.id
    )

    wish = wishes(session, alice)
    assert wish.frequency("answered", space.id) is Frequency.NEVER
    assert wish.frequency("answered", space.id + 1) is Frequency.DAILY
    assert wish.frequency("accepted", space.id) is Frequency.NEVER
    choices.save_choices(session, member=alice, chosen={"answered": ""}, space_id=space.id)
    assert wishes(session, alice).frequency("answered", space.id) is Frequency.DAILY


def test_who_left_the_summaries_still_hears_at_once_and_who_left_all_hears_nothing(session, alice):
    choices.stop(session, member=alice, what=Stopped.DIGESTS, at=NOON)
    wish = wishes(session, alice)
    assert wish.frequency("answered", None) is Frequency.IMMEDIATE
    assert wish.frequency("accepted", None) is Frequency.NEVER

    choices.stop(session, member=alice, what=Stopped.ALL, at=NOON)
    assert {wishes(session, alice).frequency(kind, None) for kind in KINDS} == {Frequency.NEVER}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"quiet_from": "22"}, "quiet"),
        ({"quiet_until": "7"}, "quiet"),
        ({"quiet_from": "5", "quiet_until": "5"}, "quiet"),
        ({"quiet_from": "24", "quiet_until": "7"}, "hours"),
        ({"quiet_from": "0100", "quiet_until": "7"}, "hours"),
        ({"quiet_from": "-1", "quiet_until": "٧"}, "hours"),
        ({"digest_hour": ""}, "digest_hour"),
    ],
)
def test_times_that_cannot_be_are_refused_and_change_nothing(session, alice, more, field):
    save_times(session, alice, quiet_from="22", quiet_until="7", zone="Europe/Berlin")
    with pytest.raises(Invalid) as refusal:
        save_times(session, alice, **more)

    assert refusal.value.field == field
    wish = wishes(session, alice)
    assert (wish.time_zone, wish.quiet_from, wish.quiet_until) == ("Europe/Berlin", 22, 7)


@pytest.mark.parametrize(
    "chosen", [{"answered": "hourly"}, {"no-such": "daily"}, {OPEN: "immediate"}]
)
def test_what_is_not_offered_is_refused(session, alice, chosen):
    with pytest.raises(Invalid):
        choices.save_choices(session, member=alice, chosen=chosen)


def test_leaving_a_kind_leaves_it_in_every_space(session, alice, space):
    choices.save_choices(session, member=alice, chosen={"answered": "immediate"}, space_id=space.id)
    choices.leave_kinds(session, member=alice, kinds=["answered"])
    choices.leave_kinds(session, member=alice, kinds=["answered"])
    assert wishes(session, alice).frequency("answered", space.id) is Frequency.NEVER

    choices.return_to_kinds(session, member=alice, kinds=["answered"])
    assert wishes(session, alice).frequency("answered", space.id) is Frequency.IMMEDIATE
