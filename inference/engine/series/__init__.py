"""Several dates of the same bands: what a pixel was in the course of its seasons, and when it changed."""
