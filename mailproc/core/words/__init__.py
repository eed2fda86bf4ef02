"""Words of human languages as data: adding a language is adding a table, not code."""
