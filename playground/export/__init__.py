"""Take a run away with its proof, and bring an adapter in."""
