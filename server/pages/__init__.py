"""The pages the server renders: one file per noun. They read what the store says and show it; they decide nothing."""
