"""Take a run away: files that run elsewhere and show that they are what was trained."""
