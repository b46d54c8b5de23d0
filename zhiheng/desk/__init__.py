"""The desk: pages of officers."""
