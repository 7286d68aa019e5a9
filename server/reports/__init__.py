"""The chair's report and the brief for a capital: what is on record, told in lines that every form shares."""
