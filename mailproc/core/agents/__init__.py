"""What is done about an agent's mail: the answer, the note, the commands; all of it or nothing."""

from mailproc.core.agents.away import absence_note
from mailproc.core.agents.behalf import carry_in, on_behalf
from mailproc.core.agents.desk import desk_mail
from mailproc.core.agents.mail import agent_mail
from mailproc.core.agents.proof import proof, proven, said_in_vain

__all__ = ["absence_note", "agent_mail", "carry_in", "desk_mail", "on_behalf", "proof", "proven", "said_in_vain"]
