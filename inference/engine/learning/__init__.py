"""From labelled pixels to a classifier in a file, how right it is, which labels would help or look wrong."""
