"""Server-rendered pages, one module a screen."""
