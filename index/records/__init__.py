"""Records that people make and servers share, in SQLite or PostgreSQL. Knows no documents."""
