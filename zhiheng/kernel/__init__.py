"""What is true on paper: no Django, no input or output, no clock; days are always passed in."""
