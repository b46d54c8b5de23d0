"""The terminal: a door like any other. It reads words, calls one action, shows the result."""
