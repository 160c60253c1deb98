"""Question to cited answer. Imports index and prompts; is imported by app and eval."""
