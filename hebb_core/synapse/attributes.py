"""Descriptors for attributes of a component: checked hyperparameters and fixed attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, Protocol, TypeVar, overload

__all__ = ["FixedAttribute", "Hyperparameter"]

T = TypeVar("T")


class HyperparameterOwner(Protocol):
    """Interface of a component with hyperparameters."""

    @property
    def settings(self) -> Mapping[str, Any]:
        """Hyperparameters by name."""
        ...

    def change_settings(self, **changes: Any) -> None:
        """Check and apply ``changes``; if one is invalid, raise and apply none."""


class _Declared:
    """Base of descriptors that store their name, with their explanation as docstring."""

    def __init__(self, explanation: str) -> None:
        self.explanation = explanation
        self.name = ""
        self.__doc__ = explanation

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name


class Hyperparameter(_Declared, Generic[T]):
    """Declare a hyperparameter: an assigned value is checked, and acts on the next step.

    Args:
        explanation: what it does, in one sentence.
    """

    @overload
    def __get__(self, instance: None, owner: type) -> Hyperparameter[T]: ...

    @overload
    def __get__(self, instance: HyperparameterOwner, owner: type) -> T: ...

    def __get__(self, instance: HyperparameterOwner | None, owner: type) -> Hyperparameter[T] | T:
        return self if instance is None else instance.settings[self.name]

    def __set__(self, instance: HyperparameterOwner, value: Any) -> None:
        instance.change_settings(**{self.name: value})


class FixedAttribute(_Declared, Generic[T]):
    """Declare an attribute that is set at construction and cannot be assigned afterwards.

    Args:
        explanation: what it is, in one sentence.
    """

    @overload
    def __get__(self, instance: None, owner: type) -> FixedAttribute[T]: ...

    @overload
    def __get__(self, instance: Any, owner: type) -> T: ...

    def __get__(self, instance: Any | None, owner: type) -> FixedAttribute[T] | T:
        return self if instance is None else getattr(instance, f"_{self.name}")

    def __set__(self, instance: Any, value: Any) -> None:
        raise AttributeError(
            f"{self.name} is fixed at construction; "
            f"build a new {type(instance).__name__} to change it"
        )
