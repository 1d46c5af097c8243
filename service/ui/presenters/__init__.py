"""Presenters: from what is stored to what a page shows, as plain data. No SQL, no HTML, no clock."""
