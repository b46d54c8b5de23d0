"""What the framework can't say: the full-text index of each database, and texts that are compared byte by byte."""

from typing import Any, ClassVar

from django.db import migrations

SQLITE = (
    # Clustered by subject: what belongs to a card is one range, and no second index is kept for it.
    "DROP TABLE projections_searchentry",
    "CREATE TABLE projections_searchentry (subject bigint NOT NULL, kind varchar(20) NOT NULL, text text NOT NULL, "
    "shown text NOT NULL, starts bool NOT NULL, PRIMARY KEY (subject, kind, text)) WITHOUT ROWID",
    "CREATE INDEX searchentry_text ON projections_searchentry (text, subject)",
    # The index keeps no texts of its own: they are made again from the entries wherever a row is taken out.
    "CREATE VIRTUAL TABLE projections_words USING fts5(words, content='', columnsize=0, "
    "tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co'\")",
)
POSTGRESQL = (
    'ALTER TABLE projections_searchentry ALTER COLUMN text TYPE text COLLATE "C"',
    "CREATE INDEX searchentry_text ON projections_searchentry (text, subject)",
    "CREATE TABLE projections_words (subject bigint PRIMARY KEY, words tsvector NOT NULL)",
    "CREATE INDEX projections_words_index ON projections_words USING gin (words)",
    # How many documents have a word decides whether the index is worth asking: look at more words than usual.
    "ALTER TABLE projections_words ALTER COLUMN words SET STATISTICS 500",
)


def forwards(apps: Any, schema_editor: Any) -> None:
    """Make what the database at hand needs."""
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement, params=None)


def backwards(apps: Any, schema_editor: Any) -> None:
    """The tables go; the models' own migration removes the rest."""
    schema_editor.execute("DROP TABLE projections_words")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("projections", "0001_initial")]
    operations: ClassVar = [migrations.RunPython(forwards, backwards)]
