"""Words: Jinja2 templates to letters."""
