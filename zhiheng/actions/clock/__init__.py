"""The clock of the machine: a jump of it is accepted by a person, or stops what would be written under a wrong day."""
