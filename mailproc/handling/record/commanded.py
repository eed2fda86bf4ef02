"""What agents changed by command, in the ticket and between tickets."""

from __future__ import annotations

from typing import assert_never

from mailproc.core.effects_fields import BlockPerson, Noted, RemoveParticipant, SetField
from mailproc.core.effects_relations import LinkWith, MergeInto, Unlink
from mailproc.handling.record.fields import remove_participant, set_field
from mailproc.handling.record.relations import link_with, merge_into, unlink
from mailproc.handling.record.work import Work
from mailproc.store import blocking

Commanded = SetField | RemoveParticipant | BlockPerson | Noted | MergeInto | LinkWith | Unlink


async def carry_out(work: Work, effect: Commanded) -> None:
    """One of them."""
    match effect:
        case SetField():
            set_field(work, effect)
        case RemoveParticipant():
            await remove_participant(work, effect)
        case BlockPerson():
            await blocking.block(effect.person, effect.actor)
            work.note("blocked", effect.actor, f"{effect.address}: their mail is told to nobody from now on")
        case Noted():
            work.note(effect.kind, effect.actor, effect.text)
        case MergeInto():
            merge_into(work, effect)
        case LinkWith():
            await link_with(work, effect)
        case Unlink():
            await unlink(work, effect)
        case _:
            assert_never(effect)
