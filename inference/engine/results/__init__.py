"""What a run leaves: rasters with all that they say of themselves, maps of classes and of numbers, points."""
