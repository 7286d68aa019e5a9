"""The command line: `unbracket serve`, `unbracket demo` and the operator's commands; `unbracket --help` lists them.

Each command is a function in `server/cli`, one file per noun. Exit codes: 0 done; 1 a failure the message explains; 2
wrong usage or settings; 3 the database cannot be used; `verify-log` says more in its help.
"""

import sys

from server.cli.plain import plainly_asked, serve_process
from server.errors import ServerError


def main() -> None:
    """Run one command; what goes wrong is printed in a sentence, never as a traceback."""
    try:
        if (options := plainly_asked(sys.argv[1:])) is not None:
            serve_process(options)
            return
        # Imported only here: what reads the other commands takes as much memory as four hundred connections.
        from server.cli.commands import app

        app()
    except ServerError as error:
        print(f"unbracket: {error}", file=sys.stderr)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
