"""Typed facts that documents state: duties, targets, deadlines and others, read by grammar."""
