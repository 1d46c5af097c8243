"""Release: a fitted model becomes a bundle in the registry, and through the gate the champion."""
