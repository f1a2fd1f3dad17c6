"""Measures PeerQA on a corpus of its own, in a home of its own: `peerqa bench`.

Every figure stands beside its floor: the same work without PeerQA around it, taken in the same run
and turn about, since only their ratio carries over from one machine to another. What is measured
is in parts (parts.py); a new promise to keep becomes a further part.
"""
