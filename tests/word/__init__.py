"""Word files on their way in: what is read, against an independent reader; hostile files; LibreOffice itself."""
