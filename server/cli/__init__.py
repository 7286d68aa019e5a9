"""The commands of `unbracket`, one file per noun; `server.__main__` lists them."""
