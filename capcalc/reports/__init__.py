"""Results -> text: renderers return strings, only the command line writes them."""
