"""Inline SVG by small pure functions: bars, ranges and lines that need no library and no script.

Positions across are per cent of the width, so that a picture fills any screen while its text
keeps its size; colours are classes of the page's style sheet.
"""
