"""Two documents set side by side: which articles belong together, and what changed in them."""
