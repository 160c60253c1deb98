"""Documents to searchable clauses. Imports nothing else of this project."""
