"""What an enterprise does with its own lots and measurements: they are its own, and nobody else's."""
