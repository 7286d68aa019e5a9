"""The addresses of each capability, with their policies; `server.routes` puts them into the one table."""
