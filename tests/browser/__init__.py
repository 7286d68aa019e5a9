"""The whole product as a person meets it: a real server, a real Chromium, several people at once.

`python -m tests.browser` finds or installs the Chromium; the tests never do. Scenarios belong here; what can
be proved without a screen belongs to the package that promises it.
"""
