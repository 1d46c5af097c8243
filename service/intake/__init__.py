"""Intake: everything a municipality sends becomes rows of the store, or is set aside with the reason.

`loading` is the way in. Nothing here knows SQL; nothing here writes a citizen's data into a log or an error.
"""
