"""Compartments: named values of a component, read with ``get`` and written with ``set``."""

from __future__ import annotations

from typing import Any, Protocol, overload

import jax

__all__ = ["Compartment", "CompartmentField"]


class CompartmentOwner(Protocol):
    """Interface of a component with compartments."""

    def read_compartment(self, name: str) -> Any:
        """Return the value of compartment ``name``."""

    def write_compartment(self, name: str, value: Any) -> None:
        """Check ``value`` and copy it into compartment ``name``, or raise and change nothing."""


class Compartment:
    """Access to one named value of a component.

    Args:
        owner: the component, which holds the value.
        name: the compartment's name.
    """

    __slots__ = ("_name", "_owner")

    def __init__(self, owner: CompartmentOwner, name: str) -> None:
        self._owner = owner
        self._name = name

    @property
    def name(self) -> str:
        """The compartment's name."""
        return self._name

    def get(self) -> Any:
        """Return the current value, an immutable array or pytree that later steps do not change."""
        return self._owner.read_compartment(self._name)

    def set(self, value: Any) -> None:
        """Copy ``value`` into the compartment.

        Raises:
            TypeError: ``value`` has the wrong type for the compartment.
            ValueError: the shape or structure differs, or an entry is not allowed (not finite; in a
                mask, neither 0 nor 1).
        """
        self._owner.write_compartment(self._name, value)

    def __repr__(self) -> str:
        leaves = ", ".join(f"{x.dtype}{list(x.shape)}" for x in jax.tree.leaves(self.get()))
        return f"Compartment({self._name!r}: {leaves})"


class CompartmentField:
    """Declare a compartment on a component's class; assigning to it raises AttributeError.

    Each access creates a new :class:`Compartment`. One stored in the component would form a
    reference cycle and keep large arrays alive until the next garbage collection.

    Args:
        role: ``"inputs"``, ``"states"``, ``"analytics"`` or ``"outputs"``.
        explanation: what it holds, with its shape.
    """

    def __init__(self, role: str, explanation: str) -> None:
        self.role = role
        self.explanation = explanation
        self.name = ""
        self.__doc__ = explanation

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, instance: None, owner: type) -> CompartmentField: ...

    @overload
    def __get__(self, instance: CompartmentOwner, owner: type) -> Compartment: ...

    def __get__(
        self, instance: CompartmentOwner | None, owner: type
    ) -> CompartmentField | Compartment:
        return self if instance is None else Compartment(instance, self.name)

    def __set__(self, instance: Any, value: Any) -> None:
        raise AttributeError(f"{self.name} is a compartment: write to it with {self.name}.set(...)")
