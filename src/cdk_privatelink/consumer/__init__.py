"""The consumer's side: endpoints in a VPC, and routes through them."""
