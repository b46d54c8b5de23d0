"""Messages to people: written once for each duty and rung, sent until they arrive, read, or given up with a reason."""
