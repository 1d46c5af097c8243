"""Fixtures shared by every test. What is needed on one side only belongs in that side's own conftest."""
