"""The acts that the audit trail knows, with what each is called on screen.

The word before the point says what the act is about; the trail can be filtered by it.
"""

from collections.abc import Mapping
from enum import StrEnum

from peerqa.errors import N_


class Source(StrEnum):
    """From where something was done."""

    MEMBER = "member"
    COMMAND = "command"
    LMS = "lms"
    WORKER = "worker"


ACTS: Mapping[str, str] = {
    "admin.given": N_("made an admin"),
    "admin.taken": N_("admin rights taken away"),
    "admin.kept": N_("admin rights kept: nobody else has them"),
    "role.changed": N_("role in a space changed"),
    "role.rules": N_("what LMS roles become changed"),
    "member.merged": N_("two accounts joined"),
    "member.invited": N_("invited"),
    "member.closed": N_("let in no more"),
    "member.reopened": N_("let in again"),
    "member.department": N_("department changed"),
    "member.departments": N_("departments taken from a table"),
    "space.made": N_("space made"),
    "space.changed": N_("space changed"),
    "space.archived": N_("space archived"),
    "space.reopened": N_("space opened again"),
    "topic.changed": N_("topic changed"),
    "topic.joined": N_("topics joined"),
    "topic.deleted": N_("topic deleted"),
    "fairness.decided": N_("decided about points that were taken back"),
    "settings.changed": N_("defaults changed"),
    "settings.appearance": N_("appearance changed"),
    "settings.legal": N_("imprint, privacy or terms changed"),
    "settings.mail": N_("test letter asked for"),
    "settings.logo": N_("logo changed"),
    "settings.retention": N_("how long things are kept changed"),
    "member.suspended": N_("member suspended"),
    "member.unsuspended": N_("suspension lifted"),
    "link.created": N_("sign-in link made"),
    "token.created": N_("API token made"),
    "import.done": N_("questions imported"),
    "import.undone": N_("import undone"),
    "backup.written": N_("backup written"),
    "post.merged": N_("questions merged"),
    "post.unmerged": N_("merge undone"),
    "post.verified": N_("answer verified"),
    "post.unverified": N_("verification taken back"),
    "post.retired": N_("retired"),
    "post.brought_back": N_("brought back from retirement"),
    "post.guide": N_("guide made"),
    "post.cited": N_("threads of a guide changed"),
    "keeper.given": N_("made keeper of a topic"),
    "keeper.taken": N_("keeper of a topic no more"),
    "defaults.changed": N_("language and time zone for all changed"),
    "post.dismissed": N_("flags dismissed"),
    "post.hidden": N_("post hidden"),
    "post.restored": N_("hidden post brought back"),
    "post.locked": N_("thread locked"),
    "post.unlocked": N_("thread unlocked"),
    "gate.target": N_("precision target changed"),
    "grade.set": N_("score set by hand"),
    "grade.column": N_("gradebook column switched"),
    "lms.registered": N_("LMS registered"),
    "lms.invited": N_("registration address made"),
    "lms.changed": N_("LMS settings changed"),
    "lms.switched": N_("LMS switched on or off"),
    "lms.approved": N_("deployment approved"),
    "lms.refused": N_("deployment refused"),
    "anonymity.asked": N_("asked to know who asked anonymously"),
    "anonymity.revealed": N_("agreed to know who asked anonymously"),
    "anonymity.allowed": N_("anonymous asking switched"),
}

# What an act is about: the word before its point.
SUBJECTS: Mapping[str, str] = {
    "admin": N_("Admins"),
    "role": N_("Roles"),
    "member": N_("Members"),
    "space": N_("Spaces"),
    "topic": N_("Topics"),
    "settings": N_("Settings"),
    "link": N_("Sign-in links"),
    "token": N_("API tokens"),
    "import": N_("Imports"),
    "backup": N_("Backups"),
    "post": N_("Posts"),
    "keeper": N_("Keepers of topics"),
    "fairness": N_("Fair play"),
    "gate": N_("Earlier answers"),
    "defaults": N_("Language and time"),
    "grade": N_("Scores"),
    "lms": N_("LMS"),
    "anonymity": N_("Anonymous questions"),
}
