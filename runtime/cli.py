"""The command line: `rebook`. A command that works on a stream starts without the rest of the house."""

import sys
from typing import Any


def main() -> None:
    if sys.argv[1:2] == ["interpret"]:
        from runtime.commands.interpret import app

        app(args=sys.argv[2:], prog_name="rebook interpret")
    else:
        from runtime.every_command import app as every

        every()


def __getattr__(name: str) -> Any:
    if name == "app":
        from runtime.every_command import app

        return app
    raise AttributeError(name)


if __name__ == "__main__":
    main()
