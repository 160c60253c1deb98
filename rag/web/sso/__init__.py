"""Signing in at a provider of OpenID Connect: its settings, what is asked of it, the visitor."""
