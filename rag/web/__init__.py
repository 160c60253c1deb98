"""The server of the chat: pages, routes for programs, access. Answers come from `rag`."""
