"""The chat: conversation, page and what it shows."""
