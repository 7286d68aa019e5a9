"""What the pages' scripts ask of the server in JSON, beside the socket."""
