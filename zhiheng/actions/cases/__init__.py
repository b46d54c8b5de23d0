"""Cases: opened, acted in, signed, struck; each act is one transaction."""
