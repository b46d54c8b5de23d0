"""A log that an outsider can check: Merkle proofs (RFC 6962), tiles, signed notes, checkpoints, witnesses (C2SP)."""
