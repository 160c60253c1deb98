"""The plain pages beside the chat: documents, library, collections."""
