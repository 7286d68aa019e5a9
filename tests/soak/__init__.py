"""Campaigns that run for as long as they are given and add what they found to a ledger (`make soak`)."""
