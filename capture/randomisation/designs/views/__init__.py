"""Pages of designs: the list, the upload of a list, the design screen."""
