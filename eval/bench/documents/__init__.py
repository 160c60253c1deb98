"""Documents of many forms made of known texts, to see what the readers make of them."""
