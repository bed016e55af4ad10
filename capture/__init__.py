"""Trial data capture: the web application and the services behind it."""
