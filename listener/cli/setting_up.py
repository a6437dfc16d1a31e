"""Commands for the start: demo, init, check."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from listener.cli.common import load, log_to_stderr, with_config, with_log
from listener.errors import ConfigError


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), default=Path("listener-demo"),
    show_default=True, help="Where the store and the digest are left.",
)  # fmt: skip
@with_log
def demo(out: Path, verbose: int) -> int:
    """Show the whole chain at work on a small made-up world on this machine."""
    from listener.cli.show import show

    log_to_stderr(verbose)
    return show(out, click.echo)


@click.command()
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), default=Path("config.yaml"))
@click.option("--config", "named", type=click.Path(path_type=Path, dir_okay=False), help="The same as PATH.")
def init(path: Path, named: Path | None) -> int:
    """Write a commented configuration file (default: config.yaml); an existing one is left alone."""
    target = named or path
    try:
        with target.open("x", encoding="utf-8") as file:
            file.write(files("listener").joinpath("template.yaml").read_text("utf-8"))
    except FileExistsError as error:
        raise ConfigError(f"{target} exists and is left as it is; name another file") from error
    except OSError as error:
        raise ConfigError(f"{target} cannot be written: {error}") from error
    click.echo(f"{target} written; put in your products and sources, then: listener check --config {target}")
    return 0


@click.command()
@with_config
@with_log
@click.option("--offline", is_flag=True, help="Only the file itself: ask no source and no mail server.")
def check(path: Path, verbose: int, offline: bool) -> int:
    """Test the configuration: the file, the store, the sources, the mail server."""
    from listener import pipeline
    from listener.pipeline.hall import query_doubts

    log_to_stderr(verbose)
    config = load(path)
    click.echo(f"{path}: {len(config.products)} products, {len(config.sources)} sources, all queries parse")
    for line in query_doubts(config):
        click.echo(f"note  {line}")
    failed = 0
    for name, said, well in pipeline.check(config, offline=offline):
        click.echo(f"{'ok  ' if well else 'FAIL'}  {name}: {said}")
        failed += not well
    return 3 if failed else 0


COMMANDS = (demo, init, check)
