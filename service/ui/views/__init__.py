"""Views: each asks storage, lets a presenter decide, logs the look, and answers with a page."""
