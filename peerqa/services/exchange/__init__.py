"""Imports, in four steps, so that people wait for none of it.

1. A reader (stackexchange, csv_threads) streams the file into a spool, a temporary database on
   disk: memory stays the same however large the file is, and a broken file has touched nothing.
2. preparing marks in the spool what is here already, then converts and renders the rest.
3. batches writes it all in one transaction, with bulk inserts: visible at once, or not at all.
4. undoing takes a batch back, exactly.
"""
