"""Human quantities at the edges, SI numbers inside: ``"250 ms"`` <-> ``0.25``."""
