"""Who comes and what they are here: accounts, roles, courses, rosters."""
