"""Comments on words, with answers; notes of a delegation."""
