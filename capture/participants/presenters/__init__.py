"""What pages of any feature show about a participant: links, banners, statuses, next steps."""
