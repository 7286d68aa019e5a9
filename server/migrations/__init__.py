"""The steps from one schema of the database to the next, applied at start (`server.database.migrate`).

A step is never edited once released. Configured in code: there is no ini file.
"""
