"""Keeping answers right: verified, retired, reviewed by somebody who knows that it is theirs."""
