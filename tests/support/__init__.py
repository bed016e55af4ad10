"""What tests of every kind share: people and studies in a database, readers of pages, servers."""
