"""Run by alembic: migrates over the connection it is given."""

from alembic import context

from twiceshy.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
