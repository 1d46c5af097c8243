"""The training: batch programs that may look at outcomes. From the snapshot to a bundle in the registry.

It never imports service, and sees citizens under pseudonyms only; what both need is in models.
"""
