"""Finds the earlier answer: encodes text, keeps vectors, ranks and calibrates.

A library on its own: it knows nothing of the web, of the database or of PeerQA's
tables. The database row is the truth about every vector; everything here is a
cache of it and may be thrown away at any time.
"""
