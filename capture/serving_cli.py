"""`sarcomere serve`."""

from __future__ import annotations

import os
from importlib import import_module

import click

from capture.installation import open_installation, read_config
from capture.readiness import refuse_unwritable, telling_start_problems
from capture.serving import serve


@click.command("serve")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
@click.option("--demonstration", "is_demonstration", is_flag=True, help="Invented people only.")
def serve_command(port: int, workers: int, is_demonstration: bool) -> None:
    """Serve on 127.0.0.1."""
    if is_demonstration:
        os.environ["SARCOMERE_DEMO"] = "1"
    config = read_config()
    if config.demo:
        # Loaded here: a server of real people needs nothing that invents them.
        demonstration = import_module("capture.synthetic.demonstration.cli")
        refuse_unwritable(config)
        with telling_start_problems():
            demonstration.prepare_demonstration(config)
    # The workers open the database themselves: no connection of ours goes through a fork.
    open_installation(config).database.engine.dispose()
    click.echo(f"Sarcomere serves on http://127.0.0.1:{port}/ (stop with Ctrl+C)")
    if config.demo:
        demonstration.print_accounts()
    serve(config, port=port, workers=workers)
