"""Language models: local by llama.cpp, or behind an endpoint."""
