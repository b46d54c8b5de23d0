"""Early warnings at the desk: signals, one of them with all that explains it, and how often each warning was right."""
