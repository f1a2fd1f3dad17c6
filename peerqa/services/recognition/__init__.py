"""Use cases of recognition: the ledger of help, and what is read from it."""
