"""Knowledge articles: draft, review, publish, search."""
