"""Measurements of speed, memory and accuracy. They print figures and assert nothing."""
