"""The same desk on a web page."""
