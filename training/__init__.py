"""Training: batch programs that may look at outcomes and never at people. Never imports service."""
