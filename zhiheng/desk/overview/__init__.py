"""The district at a glance: cockpit, wall, indicators with what they count, the command palette."""
