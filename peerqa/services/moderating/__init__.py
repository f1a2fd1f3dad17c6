"""Moderation: the audit trail, flags, what stewards do about posts and admins about people."""
