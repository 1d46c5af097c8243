"""The quality of what comes in: how much, how late, from whom no longer, and how far it has drifted."""
