"""Who is asking and what they may do: passwords, secrets, rights, forgery protection, headers.

Everything is refused unless a rule here allows it. Pure of SQL and of pages; storage keeps what is to be kept.
"""
