"""Single facts: correction, secret values, proofs, verification, doubts found later."""
