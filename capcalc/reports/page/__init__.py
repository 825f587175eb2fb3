"""The whole answer as one offline HTML page: markup, style, and one module for each part."""
