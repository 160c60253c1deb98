"""Texts checked: every citation in them found, resolved and compared with what it cites."""
