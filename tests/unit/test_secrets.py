import multiprocessing
import stat
from pathlib import Path

import pytest

from peerqa.secrets import (
    BrokenSeal,
    InstanceKey,
    hash_token,
    is_same,
    load_instance_key,
    new_token,
)
from peerqa.settings import BadSetting, Settings


def settings_in(home: Path, **more: object) -> Settings:
    return Settings(home=home, **more)


def test_the_key_is_made_at_the_first_start_and_stays(home):
    made = load_instance_key(settings_in(home))
    again = load_instance_key(settings_in(home))

    assert made.digest("csrf", 1) == again.digest("csrf", 1)


def test_the_key_is_for_its_owner_alone(home):
    load_instance_key(settings_in(home))

    assert stat.S_IMODE((home / "instance.key").stat().st_mode) == 0o600


def test_making_the_key_leaves_nothing_else_behind(home):
    load_instance_key(settings_in(home))

    assert [path.name for path in home.iterdir()] == ["instance.key"]


def test_two_installations_have_different_keys(tmp_path):
    one, other = (load_instance_key(settings_in(tmp_path / name)) for name in ("a", "b"))

    assert one.digest("csrf", 1) != other.digest("csrf", 1)


def test_a_key_in_the_settings_is_used_and_not_written_down(home):
    key = load_instance_key(settings_in(home, secret_key="s" * 32))

    assert key.digest("csrf") == InstanceKey(b"s" * 32).digest("csrf")
    assert not (home / "instance.key").exists()


@pytest.mark.parametrize("content", ["", "\n", "short", "\u00e9" * 40])
def test_a_damaged_key_is_refused_and_not_used(home, content):
    home.mkdir()
    (home / "instance.key").write_text(content)

    with pytest.raises(BadSetting, match="damaged"):
        load_instance_key(settings_in(home))


def _start(home: Path, barrier, digests) -> None:
    barrier.wait()
    digests.put(load_instance_key(settings_in(home)).digest("csrf"))


def test_processes_that_start_at_once_agree_on_one_key(home):
    spawn = multiprocessing.get_context("spawn")  # a fork of a thread that holds a lock hangs
    barrier, digests = spawn.Barrier(4), spawn.Queue()
    processes = [spawn.Process(target=_start, args=(home, barrier, digests)) for _ in range(4)]
    for process in processes:
        process.start()

    found = {digests.get(timeout=60) for _ in processes}
    for process in processes:
        process.join(60)

    assert len(found) == 1
    assert [process.exitcode for process in processes] == [0] * 4
    assert [path.name for path in home.iterdir()] == ["instance.key"]


def test_the_key_is_not_shown():
    assert "canary" not in repr(InstanceKey(b"canary"))


def test_digests_of_different_uses_never_match():
    key = InstanceKey(b"k" * 32)
    digests = [
        key.digest("csrf", 1, 2),
        key.digest("look-up", 1, 2),
        key.digest("csrf", 2, 1),
        key.digest("csrf", 12),
        key.digest("csrf", "1\x002"),
        key.digest("csrf", "1", "", "2"),
        key.digest("csrf", "1:2"),
        key.digest("csrf", ("1", "2")),
        key.digest("csrf"),
        key.digest("csrf", ""),
        InstanceKey(b"l" * 32).digest("csrf", 1, 2),
    ]

    assert len(set(digests)) == len(digests)


def test_a_token_is_long_random_and_safe_in_a_url():
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(len(t) >= 43 and t.replace("-", "").replace("_", "").isalnum() for t in tokens)


@pytest.mark.parametrize("token", ["", "a", "é☃", "\ud800", "\x00"], ids=range(5))
def test_any_text_that_is_sent_as_a_token_has_a_hash(token):
    assert len(hash_token(token)) == 64
    assert token == "" or token not in hash_token(token) or token == "a"


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("a", "a", True),
        ("a", "b", False),
        ("a", "aa", False),
        ("é", "é", True),
        ("\ud800", "a", False),
    ],
    ids=range(5),
)
def test_comparing_takes_any_text(left, right, same):
    assert is_same(left, right) is same


def test_what_was_sealed_is_opened_by_the_same_key_for_the_same_use():
    key = InstanceKey(b"k" * 32)
    sealed = key.seal("token", b"secret")

    assert key.open("token", sealed) == b"secret"
    assert b"secret" not in sealed
    assert key.seal("token", b"secret") != sealed
    with pytest.raises(BrokenSeal):
        key.open("key", sealed)
    with pytest.raises(BrokenSeal):
        InstanceKey(b"l" * 32).open("token", sealed)


@pytest.mark.parametrize("place", [0, 11, 12, -1])
def test_a_changed_seal_is_refused(place):
    key = InstanceKey(b"k" * 32)
    sealed = bytearray(key.seal("token", b"secret"))
    sealed[place] ^= 1

    with pytest.raises(BrokenSeal):
        key.open("token", bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"short", b"0" * 12, b"0" * 27])
def test_what_is_no_seal_is_refused(sealed):
    with pytest.raises(BrokenSeal):
        InstanceKey(b"k" * 32).open("token", sealed)
