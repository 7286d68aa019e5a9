"""Draft Opinions before and while they are on the table: presented, merged, split, and the ledger that tells it."""
