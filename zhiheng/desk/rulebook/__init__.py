"""The rule book as officers read it: records, law, indicators, workflows, headings that were proposed."""
