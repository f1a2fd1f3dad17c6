"""How an LMS becomes a platform here: by a one-time address, by hand, by Canvas' JSON."""
