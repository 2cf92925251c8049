"""The model families: one file a family, each an Encoder or a Network of ``engine.base``."""
