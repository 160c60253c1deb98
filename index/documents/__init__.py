"""Documents: files read, parsed into clauses, labelled. Searches nothing."""
