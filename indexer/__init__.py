"""Finds the earlier answer: encodes text, keeps vectors, ranks and calibrates.

A library on its own: it knows nothing of the web, of the database or of PeerQA's
tables. The database row is the truth about every vector; everything here is a
cache of it and may be thrown away at any time.

onnxruntime reports to its maker unless this is said before it is imported; its own
disable_telemetry_events() was seen to let it open its store, start threads and look
for the host all the same.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
