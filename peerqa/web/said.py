"""The one sentence that a page says after something was done (?said=… behind a redirect)."""

from dataclasses import dataclass

from flask import request
from flask_babel import gettext

from peerqa.errors import N_
from peerqa.paging import read_id


@dataclass(frozen=True)
class Said:
    """A sentence, and which browser draft it makes obsolete."""

    sentence: str
    clears: str = ""
    undo: int | None = None  # the post that was taken back


_SENTENCES = {
    "asked": (
        N_("Your question is out. You will hear in your inbox when somebody answers."),
        "ask",
    ),
    "asked-anonymously": (
        N_("Your question is out, without your name. News of it will be in your inbox."),
        "ask",
    ),
    "reveal-asked": (N_("Noted. When another steward agrees, you both see who asked."), ""),
    "revealed": (N_("You both agreed. Whoever asked is told."), ""),
    "preferences-saved": (N_("Your choices are saved."), ""),
    "rules-saved": (N_("The rules are saved."), ""),
    "answered": (N_("Your answer is there. Thank you for helping."), "answer"),
    "draft-gone": (N_("The draft is discarded."), "ask"),
    "answer-draft-gone": (N_("The draft is discarded."), "answer"),
    "commented": (N_("Your comment is there."), "comment"),
    "edited": (N_("Your changes are saved."), ""),
    "restored": (N_("The earlier text is back, and stands in the history as an edit."), ""),
    "followed": (N_("You will hear in your inbox when somebody answers."), ""),
    "followed-many": (N_("You will hear in your inbox when somebody asks here."), ""),
    "bookmarked": (N_("It is among your bookmarks, which your profile leads to."), ""),
    "settled": (N_("The answer stands as right."), ""),
    "verified": (N_("You vouch for it. On the day you chose it is looked at again."), ""),
    "not-verified": (N_("Nobody vouches for it now."), ""),
    "retired": (N_("It is retired: readable, and quoted to nobody."), ""),
    "unretired": (N_("It stands as right again. Nobody vouches for it yet."), ""),
    "handed": (N_("They hear of it, and have it now."), ""),
    "guide-made": (
        N_("The guide is out. Search finds it in a moment, and its threads lead to it."),
        "",
    ),
    "appealed": (N_("Your appeal waits for an admin."), ""),
    "fairness-decided": (N_("Decided. Those whom it is about read why."), ""),
    "passed": (N_("You passed. Somebody else is asked."), ""),
    "passed-elsewhere": (
        N_("Thank you. Say in a comment where it is answered, and whoever asked will hear."),
        "",
    ),
    "taken": (N_("You are on it. Nobody else is asked meanwhile."), ""),
    "asked-by-hand": (N_("They are asked, and find it in their inbox."), ""),
    "keeper": (N_("Noted. Answers about this that grow old are shown to its keepers."), ""),
    "no-keeper": (N_("Noted. What they had to look at goes to somebody else."), ""),
    "flagged": (N_("Thank you. A steward will look at it; nobody hears who flagged it."), ""),
    "ruled": (N_("Decided. Whoever wrote it reads the reason."), ""),
    "dismissed": (N_("It stays as it is."), ""),
    "suspended": (N_("They are suspended, and read why."), ""),
    "unsuspended": (N_("They can come in again."), ""),
    "converted": (N_("It stands here now. Its address still leads to it."), ""),
    "back": (N_("It is back."), ""),
    "deleted": (N_("It is gone."), ""),
    "duplicate": (N_("This question now points to the earlier one."), ""),
    "not-duplicate": (N_("This question stands on its own again."), ""),
    "merged": (N_("The answers of both stand here now."), ""),
    "unmerged": (N_("The answers are back where they were."), ""),
    "confirmed": (N_("Glad it did. Whoever wrote it will hear that it helped."), "ask"),
    "refused": (N_("Good to know. If nothing here helps, ask your colleagues."), ""),
    "signed-out": (N_("You are signed out."), ""),
    "joined": (N_("Your accounts are one now."), ""),
    "ended": (N_("That browser is signed out."), ""),
    "placed-gone": (
        N_("What was linked here is gone or not open to you. This is the board instead."),
        "",
    ),
    "roster-asked": (N_("The roster will be read in the next minutes."), ""),
    "roster-fresh": (N_("The roster was read a few minutes ago. Please wait a little."), ""),
    "scores-on": (N_("The column will be in the gradebook in a moment."), ""),
    "scores-off": (N_("No more scores are sent. What the gradebook has stays there."), ""),
    "scores-again": (N_("The scores will be sent again in a moment."), ""),
    "scored": (N_("The score is saved."), ""),
    "target-saved": (N_("The target is saved, and holds from the next look-up on."), ""),
    "recalibrating": (N_("The feedback will be learned from in the next minutes."), ""),
    "rewording": (N_("Saved. All posts are read anew for the search, in the background."), ""),
    "topics-joined": (N_("The two topics are one now."), ""),
    "deleted-topic": (N_("The topic is gone."), ""),
    "space-made": (N_("The space is made, and you keep it. Add who else belongs here."), ""),
    "archived": (N_("The space is archived. It can be opened again in its settings."), ""),
    "invited": (N_("The invitation is on its way."), ""),
    "invited-again": (N_("A link is on its way."), ""),
    "invited-without-mail": (
        N_("The member is made. This PeerQA sends no e-mail: whoever runs it prints a link."),
        "",
    ),
    "let-go": (N_("They are signed out everywhere, and cannot come back by themselves."), ""),
    "let-in": (N_("They can sign in again."), ""),
    "mail-saved": (N_("Your choices are saved."), ""),
    "search-saved": (N_("The search is saved. New questions that match come to your inbox."), ""),
    "search-removed": (N_("The search is forgotten."), ""),
    "read": (N_("Everything is marked as read."), ""),
}


def said() -> Said | None:
    """Return what this page has to say, when it has."""
    sentence, clears = _SENTENCES.get(request.args.get("said", ""), ("", ""))
    undo = read_id(request.args.get("undo")) if request.args.get("said") == "deleted" else None
    return Said(gettext(sentence), clears, undo) if sentence else None
