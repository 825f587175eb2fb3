"""What is: the validated system as plain, frozen dataclasses."""
