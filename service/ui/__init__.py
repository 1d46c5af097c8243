"""The nurses' pages: a mounted application of its own; views ask storage, presenters decide, templates show."""
