import os
import subprocess
import sys

import pytest

from peerqa.bench.processes import NotServing, family, has_torch, memory_mb, until


@pytest.fixture
def child():
    process = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=-1)
    yield process
    process.stdin.close()
    process.wait(10)


def test_a_child_is_in_the_family(child):
    assert child.pid in family(os.getpid())
    assert family(child.pid) == [child.pid]


def test_memory_is_told_in_megabytes(child):
    whole, shared_out = memory_mb(os.getpid())

    assert 10 < shared_out <= whole < 4_000


def test_a_small_process_holds_no_torch(child):
    assert not has_torch(child.pid)


def test_a_server_that_has_ended_is_not_waited_for():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait(10)

    with pytest.raises(NotServing):
        until(lambda: False, process=process, seconds=60)
