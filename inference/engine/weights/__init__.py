"""Weights on disk: found, downloaded over whatever network there is, held to their digests."""
