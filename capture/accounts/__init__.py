"""People: accounts, passwords, sessions, and who holds which role where and when."""
