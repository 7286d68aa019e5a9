"""The commands of `unbracket`, one file per noun; `server.cli.commands` lists them."""
