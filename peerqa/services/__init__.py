"""Use cases: one verb, one function. They flush and never commit; vectors and mail come after."""
