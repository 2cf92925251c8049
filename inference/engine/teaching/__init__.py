"""A teaching session: features of what is looked at are held ready, so that a click has its map at once."""
