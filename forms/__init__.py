"""Study definitions, their values and their rules; pure: no database, no clock, no Flask."""
