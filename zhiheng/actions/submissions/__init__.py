"""What the public sends without an account: complaints and reports, and what is said about them by their receipt."""
