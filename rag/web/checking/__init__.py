"""Texts checked on a page, by programs, and as a Word file with comments."""
