"""Study definitions, their values and their rules, without a database, clock or Flask."""
