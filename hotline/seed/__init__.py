"""The default city: places, departments, lines, people, limits and holidays to start with."""
