"""Datasets: one moment of a study, typed and labelled, as CSV and Parquet with a signed manifest."""
