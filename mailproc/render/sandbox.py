"""Jinja's sandbox, quick with what letters are made of."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from jinja2 import Template
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from mailproc.core.letters import Action, Customer, Exchange, TicketFacts
from mailproc.render import filters

#: What templates ask for fields of: nothing is hidden in them but what begins with `_`, and no field is a method.
_VALUES = frozenset({Action, Customer, Exchange, TicketFacts, filters.Reader, TemplateModule})
_METHODS = frozenset(dir(dict))


class _Template(Template):
    """Jinja's, that looks for no globals of a render's own: there are none, so what it imports is always the same."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:  # noqa: ARG002  - what jinja2 calls it with
        return super()._get_default_module()


class Sandbox(ImmutableSandboxedEnvironment):
    """Nothing but values can be reached in it; and nothing is looked for where it can't be."""

    template_class = _Template

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """One dictionary, as nothing changes here any more: a chain of two is slow to copy for every render."""
        return {**self.globals, **(d or {})}

    def getattr(self, obj: Any, attribute: str) -> Any:
        if type(obj) is dict:
            if attribute in obj and attribute not in _METHODS:
                return obj[attribute]
        elif type(obj) in _VALUES and not attribute.startswith("_"):
            found = getattr(obj, attribute, missing)
            if found is not missing:
                return found
        return super().getattr(obj, attribute)

    def call(self, context: Context, called: Any, /, *args: Any, **kwargs: Any) -> Any:
        if type(called) is not Macro:
            return super().call(context, called, *args, **kwargs)
        kwargs.pop("_block_vars", None)  # what jinja2 tells of the place of the call: macros look at none
        kwargs.pop("_loop_vars", None)
        return called(context.eval_ctx, *args, **kwargs)
