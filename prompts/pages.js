// The plain pages work without this; it only adds convenience.
