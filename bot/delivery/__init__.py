"""What people are told unasked: durable, once, and not at night."""
