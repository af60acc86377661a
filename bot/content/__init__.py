"""What staff wrote: values, the YAML reader with file and line, hot reload."""
