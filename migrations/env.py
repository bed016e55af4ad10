"""Alembic's entry: runs the migrations on the connection that `sarcomere migrate` hands over."""

from __future__ import annotations

from alembic import context

from capture import tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=tables.metadata, render_as_batch=False)
with context.begin_transaction():
    context.run_migrations()
