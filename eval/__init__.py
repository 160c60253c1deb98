"""Measures the assistant on cases with known answers. Imports rag and index."""
