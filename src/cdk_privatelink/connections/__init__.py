"""Who is connected to a service: acceptance by rule, rejection, and draining."""
