"""What the dashboards of a study show: recruitment and screening, forms, scores over time."""
