"""The pages for a phone and for a poor line: everything essential without scripts, in few bytes."""
