"""Exports: one sheet of a text, written as plain text, HTML, Word or JSON. What a sheet holds is what the screen
shows.
"""
