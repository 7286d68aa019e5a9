"""Groups that speak for members, and who speaks for a delegation."""
