"""What the model families in ``backbones/`` are made of."""
