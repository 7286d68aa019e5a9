"""Forum texts: opened from the final version of each Opinion, considered, and adopted or not."""
