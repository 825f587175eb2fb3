"""The example that ends each command's help."""


def example(line: str) -> str:
    """An epilog that click does not rewrap."""
    return f"\b\nExample:\n    {line}"
