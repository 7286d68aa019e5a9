"""The demonstration: an invented process with five draft Opinions, a register of contributions and a consultation.

Its texts are made by playing what its people do through the real room, the rest by the stores that the pages use. No
real State, company or person appears: codes are of the user-assigned range XAA-XZZ of ISO 3166.
"""
