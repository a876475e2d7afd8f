"""The staff page: who waits for a person, each case in clear, and the decisions people make.

It has a port, a database role and a key of its own, and is never on the public name. It reads the
ledger and leaves decisions in it; it calls neither a platform nor Prefect, and changes no case.
"""
