"""The web core: what a request passes, how a change is performed, how a page is laid out."""
