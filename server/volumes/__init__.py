"""Volumes: the report and the Opinions annexed to it, published as one; and every document number given out."""
