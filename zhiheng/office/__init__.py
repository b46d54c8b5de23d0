"""The state of work between people: objections, consents, publication requests, web hooks."""
