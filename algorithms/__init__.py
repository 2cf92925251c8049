"""The Processing provider: layers in, one typed job to the engine, layers out."""
