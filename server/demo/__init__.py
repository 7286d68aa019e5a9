"""The demonstration: an invented process with five draft Opinions, made by playing what its people do through the
real room.

No real State, company or person appears: codes are of the user-assigned range XAA-XZZ of ISO 3166.
"""
