"""The HTTP API: one file a noun, and the middleware that every request goes through."""
