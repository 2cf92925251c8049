"""Loaded only inside the engine process; nothing outside this folder imports it."""
