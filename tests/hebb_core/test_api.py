"""The public API keeps its conventions: documented, typed, and free of the dashboard's packages."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys
import types
from collections.abc import Iterator
from typing import Any

import pytest

import hebb_core

EVERY = sorted(module.name for module in pkgutil.walk_packages(hebb_core.__path__, "hebb_core."))
# A folder that only says what lives in it defines nothing.
FOLDERS = {"analysis", "interop", "rule", "run", "signals", "storage"}
MODULES = [name for name in EVERY if name.removeprefix("hebb_core.") not in FOLDERS]
DASHBOARD = ("app", "hebbscope", "panel", "bokeh", "holoviews", "param", "ngclearn")


def public(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Names and values of what ``module`` defines and lists in ``__all__``."""
    for name in module.__all__:
        value = getattr(module, name)
        if getattr(value, "__module__", module.__name__) == module.__name__:
            yield name, value


def functions(module: types.ModuleType) -> Iterator[tuple[str, Any]]:
    """Public functions, and public methods and properties of public classes."""
    for name, value in public(module):
        if inspect.isclass(value):
            for attribute, member in vars(value).items():
                if attribute.startswith("_"):
                    continue
                if isinstance(member, property):
                    yield f"{name}.{attribute}", member.fget
                elif isinstance(member, (classmethod, staticmethod)):
                    yield f"{name}.{attribute}", member.__func__
                elif inspect.isfunction(member):
                    yield f"{name}.{attribute}", member
            if inspect.isfunction(value.__init__) and "__init__" in vars(value):
                yield f"{name}.__init__", value.__init__
        elif callable(value) and hasattr(value, "__name__") and not isinstance(value, type):
            yield name, inspect.unwrap(value)


@pytest.mark.parametrize("name", ["hebb_core", *MODULES])
def test_modules_say_what_they_are_and_what_is_public(name):
    module = importlib.import_module(name)
    assert module.__doc__
    assert module.__doc__.strip()
    assert len(set(module.__all__)) == len(module.__all__) > 0
    missing = [public for public in module.__all__ if not hasattr(module, public)]
    assert not missing


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_folders_say_what_lives_in_them_and_what_they_import(name):
    folder = importlib.import_module(f"hebb_core.{name}")
    assert "May import" in folder.__doc__
    assert not hasattr(folder, "__all__")


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_a_docstring(name):
    module = importlib.import_module(name)
    bare = [
        item
        for item, value in (*public(module), *functions(module))
        if (inspect.isclass(value) or inspect.isfunction(value))
        and not (value.__doc__ or "").strip()
        and not item.endswith(".__init__")
    ]
    assert not bare, f"{name}: no docstring on {bare}"


@pytest.mark.parametrize("name", MODULES)
def test_everything_public_has_type_hints(name):
    module = importlib.import_module(name)
    untyped = []
    for item, function in functions(module):
        signature = inspect.signature(function)
        for parameter in signature.parameters.values():
            if parameter.name not in ("self", "cls") and parameter.annotation is parameter.empty:
                untyped.append(f"{item}({parameter.name})")
        if signature.return_annotation is signature.empty and not is_dataclass_init(item, function):
            untyped.append(f"{item} ->")
    assert not untyped, f"{name}: no type on {untyped}"


def is_dataclass_init(item: str, function: Any) -> bool:
    return item.endswith(".__init__") and "__dataclass_fields__" in vars(
        getattr(sys.modules[function.__module__], item.split(".")[0], object)
    )


def test_the_walk_finds_what_it_should():
    found = {item for name in MODULES for item, _ in functions(importlib.import_module(name))}
    assert {"step", "HebbianSynapse.evolve", "HebbianSynapse.__init__", "Prior.pair"} <= found
    assert len(found) > 50


def test_the_package_offers_what_its_users_start_from():
    assert {"HebbianSynapse", "Hyper", "hyperparameters"} <= set(hebb_core.__all__)
    parameters = list(inspect.signature(hebb_core.HebbianSynapse).parameters)
    assert parameters == [
        "name",
        "shape",
        "eta",
        "weight_init",
        "bias_init",
        "w_bound",
        "is_nonnegative",
        "prior",
        "w_decay",
        "sign_value",
        "optim_type",
        "pre_wght",
        "post_wght",
        "p_conn",
        "resist_scale",
        "batch_size",
        "key",
    ]


def test_the_core_imports_nothing_of_the_dashboard():
    # Another process: this one may have imported anything.
    program = (
        f"import importlib, sys; [importlib.import_module(m) for m in {MODULES!r}]; "
        f"print(sorted({set(DASHBOARD)!r} & {{m.split('.')[0] for m in sys.modules}}))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    assert found.stdout.strip() == "[]"
