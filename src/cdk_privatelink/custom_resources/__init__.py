"""Lambda functions that run in the user's account, and the constructs around them."""
