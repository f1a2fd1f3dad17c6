"""Tables about working on answers together: what was changed, followed, doubted, merged."""
