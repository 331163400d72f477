"""Compartments: the named arrays of a component, read with ``get``, written with ``set``."""

from __future__ import annotations

from typing import Any, Protocol, overload

import jax

__all__ = ["Compartment", "CompartmentField"]


class CompartmentOwner(Protocol):
    """What a component offers to its compartments."""

    def read_compartment(self, name: str) -> Any:
        """Return the value of compartment ``name``."""

    def write_compartment(self, name: str, value: Any) -> None:
        """Check ``value`` and put it in compartment ``name``, or raise and change nothing."""


class Compartment:
    """One named value of a component.

    Args:
        owner: the component that holds the value.
        name: the compartment's name in it.
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
        """Return the present value: an immutable array, which later steps leave as it is."""
        return self._owner.read_compartment(self._name)

    def set(self, value: Any) -> None:
        """Copy ``value`` into the compartment.

        Raises:
            TypeError: ``value`` is not of the compartment's kind.
            ValueError: its shape is another one, or an entry is not finite.
        """
        self._owner.write_compartment(self._name, value)

    def __repr__(self) -> str:
        leaves = ", ".join(f"{x.dtype}{list(x.shape)}" for x in jax.tree.leaves(self.get()))
        return f"Compartment({self._name!r}: {leaves})"


class CompartmentField:
    """Declares a compartment on a component's class; assigning to it is refused with a hint.

    The compartment is made afresh at each access: held by the component, it would close a
    reference cycle and keep large arrays alive until the garbage collector's next pass.

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
