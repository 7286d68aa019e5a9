"""The screen of the room: what the chair has taken up, followed by whoever has the link, without a sign-in."""
