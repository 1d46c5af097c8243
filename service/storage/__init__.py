"""The store: the system of record, and the only place in the project that holds SQL.

Facts are append-only versions: a correction is a new row, and the row before it learns when it was superseded. One
file a noun; a use case opens a session at its edge (`database`) and hands it to the functions here.
"""
