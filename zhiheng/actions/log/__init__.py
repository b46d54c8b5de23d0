"""The log that outsiders check: which rows become entries, who adds them, who signs, and how they are verified."""
