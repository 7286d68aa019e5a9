"""Links by which a screen shows what the chair has taken up."""
