"""The commands an agent writes in a mail: `values` are what can be asked for, `grammar` the words, `reading` the lines."""

from mailproc.core.commands.grammar import GRAMMAR, RULES, WORDS
from mailproc.core.commands.reading import EDGES, AgentText, meant, read
from mailproc.core.commands.values import Command

__all__ = ["EDGES", "GRAMMAR", "RULES", "WORDS", "AgentText", "Command", "meant", "read"]
