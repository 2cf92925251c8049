"""What is known of a place beside its image, brought to bear on a map of classes: priors and rules."""
