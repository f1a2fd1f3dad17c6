"""Reaching the few who know: who they are, who is asked, and what happens when nobody answers."""
