"""The enterprise corner: pages of an enterprise about itself."""
