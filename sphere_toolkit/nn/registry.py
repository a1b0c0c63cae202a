"""Names of the classes and functions that a saved model may use.

A file of `save` holds names and numbers but no code. `load` looks the names up here.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, overload

import equinox as eqx
import jax

Thing = TypeVar("Thing", bound=Callable)

_REGISTERED: dict[str, Any] = {}


@overload
def register(thing: Thing, *, name: str | None = None) -> Thing: ...
@overload
def register(thing: None = None, *, name: str | None = None) -> Callable[[Thing], Thing]: ...
def register(thing: Any = None, *, name: str | None = None) -> Any:
    """Register a class or function of your own, so that models with it can be saved and loaded.

    Parameters
    ----------
    thing : subclass of eqx.Module, or function
        Also usable as a decorator.
    name : str, optional
        Its name in files; by default its own name. A program that loads such a file must register
        the same class or function under this name first.

    Returns
    -------
    ``thing``, unchanged.

    Raises
    ------
    TypeError
        ``thing`` is neither, or it has no name and none is given.
    ValueError
        The name is that of another class or function.

    Notes
    -----
    Layers and models of `sphere_toolkit.nn`, layers of `equinox.nn` and the functions of
    `jax.nn` are registered already. The fields of a class are saved: strings, numbers, arrays, and
    tuples, lists and dictionaries of them. Its ``__init__`` is not called when it is loaded.

    Examples
    --------
    >>> import equinox as eqx, jax, pathlib, tempfile
    >>> import sphere_toolkit as st
    >>> @st.nn.register
    ... class Scale(eqx.Module):
    ...     factor: jax.Array
    ...     def __call__(self, x, *, key=None):
    ...         return self.factor * x
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model"
    >>> st.nn.save(path, Scale(jax.numpy.ones(3)))
    >>> st.nn.load(path)
    Scale(factor=f32[3])
    """
    if thing is None:
        return lambda thing: register(thing, name=name)
    is_class = isinstance(thing, type)
    if not callable(thing) or (is_class and not issubclass(thing, eqx.Module)):
        raise TypeError(f"register takes a subclass of eqx.Module or a function, got {thing!r}")
    name = getattr(thing, "__name__", "<lambda>") if name is None else name
    if not isinstance(name, str) or name == "<lambda>":
        raise TypeError(f'{thing!r} has no name: give it one, register(..., name="...")')
    known = _REGISTERED.get(name, thing)
    # A cell that is run again defines its class anew.
    if known is not thing and _origin(known) != _origin(thing):
        raise ValueError(
            f"the name {name!r} is that of {_origin(known)}: give another, "
            'register(..., name="...")'
        )
    if name in _library():
        raise ValueError(f"the name {name!r} is taken: give another, register(..., name=...)")
    _REGISTERED[name] = thing
    return thing


def name_of(thing: Any) -> str | None:
    """The name under which a class or function is registered, if it is."""
    for names in (_REGISTERED, _library()):
        for name, known in names.items():
            if known is thing:
                return name
    return None


def find(name: str) -> Any:
    """The class or function that is registered under a name, or None."""
    return _REGISTERED.get(name, _library().get(name))


def _origin(thing: Any) -> str:
    return f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', '')}"


@cache
def _library() -> dict[str, Any]:
    """Layers of Equinox, functions of JAX, and what `equinox.nn.MLP` takes by default."""
    layers = {
        f"equinox.nn.{name}": thing
        for name, thing in vars(eqx.nn).items()
        if isinstance(thing, type) and issubclass(thing, eqx.Module)
    }
    functions = {
        f"jax.nn.{name}": thing
        for name, thing in vars(jax.nn).items()
        if callable(thing) and not name.startswith("_")
    }
    defaults = inspect.signature(eqx.nn.MLP.__init__).parameters
    mlp = {
        f"equinox.nn.MLP.{name}": defaults[name].default
        for name in ("activation", "final_activation")
    }
    return layers | functions | mlp
