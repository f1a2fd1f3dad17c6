"""From the platform's click to a signed-in member: login, envelope, claims, arrival, the log."""
