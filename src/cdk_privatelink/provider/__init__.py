"""The provider's side: an endpoint service and everything that belongs to it."""
