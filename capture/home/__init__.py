"""Home: what each person has to do today over all studies and sites, and each study's dashboard."""
