"""From a request to a cited answer."""
