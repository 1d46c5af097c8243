"""The service: what may look at people. It takes data in, keeps the store, makes the weekly lists and shows them.

It never imports training; what both need is in models.
"""
