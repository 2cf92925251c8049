"""Proposed edits, reviewed on the map."""
