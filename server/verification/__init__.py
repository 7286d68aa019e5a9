"""Verification: files that prove a version without us, what reads them, and the static mirror (server/SPEC.md, VF)."""
