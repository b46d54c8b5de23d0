"""Who may do what: accounts, roles held, invitations, tokens, and the trail of what was read."""
