"""What waits to be published and what is shown, and objections to it."""
