"""Pages, JSON interfaces and the live desk."""
