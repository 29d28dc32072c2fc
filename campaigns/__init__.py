"""What the movement says and asks: campaigns, and later demands, appeals and endorsements."""
