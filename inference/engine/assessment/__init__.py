"""How right a map is, from places whose class somebody looked up: drawing them, comparing, estimating."""
