"""Datasets: one moment of a study, typed and labelled, in files with a signed manifest."""
