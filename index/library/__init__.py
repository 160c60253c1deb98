"""What people add: uploads read in safety, kept, indexed beside the built-in documents."""
