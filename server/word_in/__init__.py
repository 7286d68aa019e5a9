"""Word files on their way in: `package` opens untrusted bytes, `reader` reads them, `isolated` does both in a process
that can do nothing else. What the text read means for a draft Opinion is decided in `opinions`.
"""
