"""One module a migration, numbered; it is never changed once it has been released."""
