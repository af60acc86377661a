"""What administrators install, and the tools that pin and check it."""
