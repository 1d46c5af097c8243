"""The report and the model card: what a run found, in tables, pictures and sentences."""
