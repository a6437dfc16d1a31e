"""The roof: arguments in, text and exit codes out."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

import click

from listener import __version__
from listener.cli import importing, looking, running, setting_up
from listener.errors import ConfigError, ListenerError, LockedError

OK, FAILED, USAGE, LOCKED = 0, 1, 2, 75

COMMANDS = (*setting_up.COMMANDS, *running.COMMANDS, *importing.COMMANDS, *looking.COMMANDS)


class _InOrder(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


@click.group(
    cls=_InOrder,
    commands={command.name or "": command for command in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="listener")
def cli() -> None:
    """Hear what forums, feeds and Reddit say about your products.

    First steps: `listener demo` shows it at work; `listener init` writes a configuration;
    `listener check` tests it; `listener run` does everything once.
    """


def main(argv: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code (README, exit codes)."""
    _open_streams()
    sys.exit(_code(list(sys.argv[1:] if argv is None else argv)))


def _open_streams() -> None:
    """A closed stream is as good as /dev/null; what a program reads is UTF-8 whatever the locale says."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 (as long as the process)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def _code(argv: list[str]) -> int:
    try:
        code = int(cli.main(argv, prog_name="listener", standalone_mode=False) or OK)
        sys.stdout.flush()
        return code
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return USAGE
    except ConfigError as error:
        return _complain(error, USAGE)
    except LockedError as error:
        return _complain(error, LOCKED)
    except ListenerError as error:
        return _complain(error, FAILED)
    except (click.Abort, KeyboardInterrupt):
        return _complain("stopped", FAILED)
    except BrokenPipeError:
        _drop_stdout()
        return FAILED
    except OSError as error:
        _drop_stdout()
        return _complain(f"{error.filename or 'the output cannot be written'}: {error.strerror}", FAILED)


def _drop_stdout() -> None:
    """What still waits to be written goes nowhere, instead of failing once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: object, code: int) -> int:
    click.echo(f"listener: {error}" if "\n" not in str(error) else str(error), err=True)
    return code
