"""Telling members by mail: what they want, what is due, what a letter says, how it is left."""
