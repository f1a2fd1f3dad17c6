"""Pages about being told: what comes by mail and when, and how it is left."""
