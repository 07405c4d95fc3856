"""What it costs to read: lists and pages of runs, the past, subscriptions, and read models built anew."""
