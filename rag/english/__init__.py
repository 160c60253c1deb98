"""English for Chinese clauses: translation, amounts."""
