"""Routes and tools for other programs."""
