"""Who sees whose proposals, and since when a delegation was briefed."""
