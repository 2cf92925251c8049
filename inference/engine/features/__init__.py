"""The space that heads, clusters, similarity and change share: one feature vector a pixel."""
