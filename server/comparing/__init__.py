"""Two versions compared, or a version and the living draft: for pages, files and other programs."""
