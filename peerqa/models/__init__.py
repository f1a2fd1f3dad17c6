"""The tables, one subject a file. Importing this package makes all of them known."""

from peerqa.models.answering.deletion import Deletion
from peerqa.models.answering.doubt import Doubt
from peerqa.models.answering.following import Bookmark, Follow
from peerqa.models.answering.mention import Mention
from peerqa.models.answering.merge import Merge
from peerqa.models.answering.revision import Revision
from peerqa.models.asking.draft import Draft
from peerqa.models.asking.mask import Mask, Reveal
from peerqa.models.asking.picture import Picture, PicturePost
from peerqa.models.department import Department
from peerqa.models.embedding import Embedding, IndexRevision, Sentence
from peerqa.models.exchange import ImportBatch, ImportedChange, ImportedThing
from peerqa.models.finding.saved_search import SavedSearch
from peerqa.models.gate import FittedGate
from peerqa.models.grade import Grade
from peerqa.models.legal_page import LegalPage
from peerqa.models.logo import Logo
from peerqa.models.look_up import LookUp, LookUpHit, Solved
from peerqa.models.mail_test import MailTest
from peerqa.models.member import Member
from peerqa.models.moderating.audit import AuditEntry
from peerqa.models.moderating.flag import Flag, Ruling
from peerqa.models.moderating.rate_count import RateCount
from peerqa.models.notification import Notification
from peerqa.models.notifying.letter import Letter
from peerqa.models.notifying.mail_choice import MailChoice, MailSetting
from peerqa.models.organization import Organization
from peerqa.models.outbox import OutboxRow
from peerqa.models.post import Answer, Comment, Guide, Post, Question
from peerqa.models.recognition.fairness import FairnessCase, FairnessLine
from peerqa.models.recognition.ledger import HelpCount, LedgerEntry
from peerqa.models.routing.availability import Availability, Skill
from peerqa.models.routing.invitation import Invitation, Routing
from peerqa.models.sign_in import AccessToken, OneTimeLink, SignIn
from peerqa.models.space import Membership, Space
from peerqa.models.topic import QuestionTopic, Topic, TopicSynonym
from peerqa.models.tuning import Tuning
from peerqa.models.upkeep.guide_source import GuideSource
from peerqa.models.upkeep.keeper import TopicKeeper
from peerqa.models.upkeep.review import Review
from peerqa.models.upkeep.standing import Standing
from peerqa.models.vote import Vote

__all__ = [
    "AccessToken",
    "Answer",
    "AuditEntry",
    "Availability",
    "Bookmark",
    "Comment",
    "Deletion",
    "Department",
    "Doubt",
    "Draft",
    "Embedding",
    "FairnessCase",
    "FairnessLine",
    "FittedGate",
    "Flag",
    "Follow",
    "Grade",
    "Guide",
    "GuideSource",
    "HelpCount",
    "ImportBatch",
    "ImportedChange",
    "ImportedThing",
    "IndexRevision",
    "Invitation",
    "LedgerEntry",
    "LegalPage",
    "Letter",
    "Logo",
    "LookUp",
    "LookUpHit",
    "MailChoice",
    "MailSetting",
    "MailTest",
    "Mask",
    "Member",
    "Membership",
    "Mention",
    "Merge",
    "Notification",
    "OneTimeLink",
    "Organization",
    "OutboxRow",
    "Picture",
    "PicturePost",
    "Post",
    "Question",
    "QuestionTopic",
    "RateCount",
    "Reveal",
    "Review",
    "Revision",
    "Routing",
    "Ruling",
    "SavedSearch",
    "Sentence",
    "SignIn",
    "Skill",
    "Solved",
    "Space",
    "Standing",
    "Topic",
    "TopicKeeper",
    "TopicSynonym",
    "Tuning",
    "Vote",
]
