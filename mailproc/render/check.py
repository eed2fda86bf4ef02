"""Templates are checked when they are loaded: every variable and every attribute must be one the letter has."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

from jinja2 import nodes


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in a template that can't work."""

    line: int
    words: str


#: What a name may hold: a type, the names a module exports, or None for anything.
Shape = type[Any] | types.UnionType | types.GenericAlias | frozenset[str] | None
Names = Mapping[str, Shape]

_ALWAYS: Names = {"loop": None, "self": None, "super": None, "caller": None, "varargs": None, "kwargs": None}
_BINDS = (nodes.Macro, nodes.CallBlock, nodes.For, nodes.With, nodes.Block, nodes.FilterBlock, nodes.Scope)


def faults(tree: nodes.Template, known: Names, modules: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """What is wrong in a template that is given `known`; `modules` holds what the files it imports export."""
    yield from _body(tree.body, {**_ALWAYS, **known}, modules)


def exported(tree: nodes.Template) -> frozenset[str]:
    """The names another template gets by importing this one."""
    names = {node.name for node in tree.body if isinstance(node, nodes.Macro)}
    for node in tree.body:
        if isinstance(node, nodes.Assign):
            names |= {target.name for target in node.find_all(nodes.Name) if target.ctx == "store"}
    return frozenset(names)


def nearest(word: str, words: Iterable[str]) -> str:
    """`; did you mean ...?` for a slip of the finger, otherwise what there is."""
    there = sorted(str(word) for word in words if not word.startswith("_"))
    close = difflib.get_close_matches(word, there, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; there is {', '.join(there)}"


def _body(
    body: Iterable[nodes.Node], names: dict[str, Shape], modules: Mapping[str, frozenset[str]]
) -> Iterator[Fault]:
    for node in body:
        yield from _node(node, names, modules)


def _node(node: nodes.Node, names: dict[str, Shape], modules: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    """Walk on; what a node binds is added to `names`, in a copy where the node is a scope of its own."""
    match node:
        case nodes.Import(template=nodes.Const(value=file)):
            names[node.target] = modules.get(file)
        case nodes.FromImport():
            names |= dict.fromkeys(name if isinstance(name, str) else name[1] for name in node.names)
        case nodes.Assign() | nodes.AssignBlock():
            yield from _body(node.iter_child_nodes(exclude=("target",)), names, modules)
            shape = _shape(node.node, names) if isinstance(node, nodes.Assign) else None
            names |= _bound(node.target, shape)
        case nodes.For():
            yield from _node(node.iter, names, modules)
            inner = {**names, **_bound(node.target, _element(_shape(node.iter, names)))}
            yield from _body([*([node.test] if node.test else []), *node.body, *node.else_], inner, modules)
        case nodes.Name(ctx="load") if node.name not in names:
            yield Fault(
                node.lineno, f"unknown variable {node.name!r}{nearest(node.name, names.keys() - _ALWAYS.keys())}"
            )
        case nodes.Getattr():
            yield from _node(node.node, names, modules)
            yield from _attribute(node, _shape(node.node, names))
        case nodes.Macro():
            names[node.name] = None
            yield from _scope(node, names, modules)
        case _:
            yield from (
                _scope(node, names, modules)
                if isinstance(node, _BINDS)
                else _body(node.iter_child_nodes(), names, modules)
            )


def _scope(node: nodes.Node, names: dict[str, Shape], modules: Mapping[str, frozenset[str]]) -> Iterator[Fault]:
    bound = {name.name: None for name in node.iter_child_nodes() if isinstance(name, nodes.Name) and name.ctx != "load"}
    yield from _body(node.iter_child_nodes(), {**names, **bound}, modules)


def _attribute(node: nodes.Getattr, shape: Shape) -> Iterator[Fault]:
    match shape:
        case None:
            return
        case frozenset():
            there: Iterable[str] = shape
        case _:
            there = {name for kind in _kinds(shape) for name in _attributes(kind)}
    if there and node.attr not in there:
        yield Fault(node.lineno, f"unknown variable '{_written(node)}'{nearest(node.attr, there)}")


def _written(node: nodes.Node) -> str:
    match node:
        case nodes.Getattr():
            return f"{_written(node.node)}.{node.attr}"
        case nodes.Name():
            return node.name
        case nodes.Getitem():
            return f"{_written(node.node)}[]"
        case _:
            return "()"


def _bound(target: nodes.Node, shape: Shape) -> dict[str, Shape]:
    if isinstance(target, nodes.Name):
        return {target.name: shape}
    return dict.fromkeys(name.name for name in target.find_all(nodes.Name))


def _shape(node: nodes.Node, names: Names) -> Shape:
    """What an expression holds, as far as it is names, attributes and items."""
    match node:
        case nodes.Name():
            return names.get(node.name)
        case nodes.Getattr():
            for kind in _kinds(_shape(node.node, names)):
                if is_dataclass(kind):
                    return _hints(kind).get(node.attr)
            return None
        case nodes.Getitem():
            return _element(_shape(node.node, names))
        case _:
            return None


def _element(shape: Shape) -> Shape:
    if get_origin(shape) is not tuple:
        return None
    element: Shape = get_args(shape)[0]
    return element


def _kinds(shape: Shape) -> tuple[Any, ...]:
    """The types of a union without None; nothing for what is not a type."""
    if shape is None or isinstance(shape, frozenset):
        return ()
    if get_origin(shape) in {Union, types.UnionType}:
        return tuple(kind for kind in get_args(shape) if kind is not type(None))
    return (shape,)


def _attributes(kind: Any) -> Iterable[str]:
    return _hints(kind) if is_dataclass(kind) else dir(get_origin(kind) or kind)


_HINTS: dict[Any, Mapping[str, Shape]] = {}  # reading them costs more than all other checks


def _hints(kind: Any) -> Mapping[str, Shape]:
    if kind not in _HINTS:
        _HINTS[kind] = get_type_hints(kind)
    return _HINTS[kind]


def fields_of(kind: type[Any]) -> Names:
    """The variables a template gets from a value class."""
    return _hints(kind)
