"""Clauses searched: indexes built, opened and asked."""
