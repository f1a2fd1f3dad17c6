"""Moderation: flags and their queue, suspended members, the audit trail."""
