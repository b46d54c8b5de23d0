"""What was released to the public, with its show-until day. The portal reads nothing else."""
