"""No orphans: a command that was started by another one ends when that one is gone, even killed."""

import os
import signal
import threading
import time

PARENT = "PEERQA_PARENT"  # in the environment of a command that must not outlive its starter
LOOK_EVERY_SECONDS = 0.5


def follow_parent() -> None:
    """Ask this process to stop once its parent is gone; without a named parent do nothing."""
    named = os.environ.pop(PARENT, "")
    if named.isdigit():
        threading.Thread(target=_follow, args=(int(named),), daemon=True).start()


def _follow(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
