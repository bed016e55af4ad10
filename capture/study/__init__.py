"""Published study versions, the sites where a study runs, and what each site may use."""
