"""The public portal: reads only what was published."""
