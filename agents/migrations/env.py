"""Alembic's way in: runs the scripts of `versions/` on the connection that agents/archive.py hands over.

Not for the `alembic` command line: an archive migrates itself when it is opened.
"""

from __future__ import annotations

from alembic import context

# The connection's transaction was begun by the archive: all pending scripts are applied, or none.
context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
