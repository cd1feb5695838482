"""What a step type is, what it is shown and what it declares: the contract with plugins; the schema for editors."""
