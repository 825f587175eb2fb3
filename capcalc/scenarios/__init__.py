"""Files to model: read, check, say what is wrong and where; built-in examples; JSON Schema."""
