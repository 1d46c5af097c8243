"""The risk model as code: events, windows, features, labels, scoring and reasons.

Pure: nothing here knows of the web, of SQL, of MLflow or of the clock. What it needs of the world comes in as
arguments, what it makes goes out as values or as plain files.
"""
