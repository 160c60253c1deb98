"""Readers' judgements of answers."""
